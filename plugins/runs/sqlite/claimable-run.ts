import type { RunLimits } from '../journal/run-spec.js';
import { findRun } from './run-row.js';
import type { Sql } from './sql.js';

/** A run that is running, as far as claims need it. Money is in pico-dollars. */
export interface ClaimableRun {
  readonly key: number;
  readonly id: string;
  /** JSON. */
  readonly labels: string;
  readonly limits: RunLimits;
  readonly ready: number;
  readonly leased: number;
  readonly parked: number;
  readonly known: number;
  readonly estimated: number;
  readonly held: number;
}

type Row = Omit<ClaimableRun, 'limits'> & { readonly limits: string };

const SELECT = `SELECT key, id, labels, limits, ready, leased, parked, known, estimated, held FROM runs`;

/**
 * The runs from which items may be claimed, in their order: the one with the fewest items in flight first, then the oldest.
 * @param name the id or the name of one run; all runs if left out
 * @throws RunError `unknown-run`
 */
export function claimableRuns(sql: Sql, name: string | undefined): readonly ClaimableRun[] {
  const rows =
    name === undefined
      ? sql.all<Row>(`${SELECT} WHERE state = 'running' ORDER BY leased, key`)
      : sql.all<Row>(`${SELECT} WHERE state = 'running' AND (id = ?1 OR name = ?1) ORDER BY key LIMIT 1`, name);
  if (name !== undefined && rows.length === 0) findRun(sql, name);
  return rows.map((row) => ({ ...row, limits: JSON.parse(row.limits) as RunLimits }));
}
