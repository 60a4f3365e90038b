import { RunError } from '../journal/run-error.js';
import type { RunSumsRow } from '../journal/rows.js';
import type { RunLimits } from '../journal/run-spec.js';
import type { RunState } from '../journal/run-status.js';
import type { Sql } from './sql.js';

/** A run as its row. */
export interface RunRow extends RunSumsRow {
  readonly key: number;
  readonly state: RunState;
  readonly limits: string;
}

const STATES = ['waiting', 'ready', 'leased', 'parked', 'done', 'failed', 'cancelled'] as const;
const SUMS = ['words', 'input_tokens', 'output_tokens', 'known', 'estimated', 'unmeasured', 'held'] as const;

/** The columns of a `RunRow`, for a `SELECT`. */
export const RUN_COLUMNS = [
  ...['key', 'id', 'name', 'hash', 'digest', 'state', 'created_at', 'ended_at', 'labels', 'limits', 'data'],
  ...STATES,
  ...SUMS,
].join(', ');

/** An id comes before a name, since the writes of workers name ids. */
const NAMED = 'FROM runs WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1 LIMIT 1';
const FIND = `SELECT ${RUN_COLUMNS} ${NAMED}`;

/** @param run its id or its name @throws RunError `unknown-run` */
export function findRun(sql: Sql, run: string): RunRow {
  const found = sql.one<RunRow>(FIND, run);
  if (found === undefined) throw new RunError('unknown-run', `The journal has no run "${run}". List its runs.`);
  return found;
}

const KEY = `SELECT key ${NAMED}`;

/** The key of a run. @param run its id or its name @throws RunError `unknown-run` */
export function keyOfRun(sql: Sql, run: string): number {
  return sql.one<Pick<RunRow, 'key'>>(KEY, run)?.key ?? findRun(sql, run).key;
}

/** The limits of a run. */
export function limitsOf({ limits }: Pick<RunRow, 'limits'>): RunLimits {
  return JSON.parse(limits) as RunLimits;
}

/** Ends a run whose items have all ended. */
export function endIfOver(sql: Sql, run: number, now: number): void {
  sql.run(
    `UPDATE runs SET ended_at = ?, state = CASE WHEN failed > 0 THEN 'failed' WHEN cancelled > 0 THEN 'cancelled' ELSE 'done' END
    WHERE key = ? AND ended_at IS NULL AND waiting = 0 AND ready = 0 AND leased = 0 AND parked = 0`,
    now,
    run,
  );
}

/** @throws RunError `ended-run` */
export function refuseIfEnded({ name, state, ended_at }: RunRow): void {
  if (ended_at !== null) throw new RunError('ended-run', `The run "${name}" is ${state}; it cannot be changed.`);
}
