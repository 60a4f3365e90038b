import { runStatusOfRow } from 'scriptorium/plugins/runs';
import type { RunLimits, RunState, RunStatus, RunSumsRow } from 'scriptorium/plugins/runs';

/** A run as `RUNS` returns it. */
export interface RunView extends RunSumsRow {
  readonly run_state: RunState;
  readonly limits: RunLimits;
  /** Whether an item may go on now. */
  readonly is_ready: boolean;
  readonly until: number | null;
  readonly reason: string | null;
}

const STATES = ['waiting', 'ready', 'leased', 'parked', 'done', 'failed', 'cancelled'] as const;
const SUMS = ['words', 'input_tokens', 'output_tokens', 'known', 'estimated', 'unmeasured'] as const;

/** All runs, or those of a condition over `runs`, with the sums over their items. */
export const RUNS = (
  s: string,
  condition = 'true',
): string => `SELECT runs.id, name, hash, digest, runs.state AS run_state,
  created_at, ended_at, labels, limits, data, sums.*, first.until, first.reason
  FROM ${s}.runs CROSS JOIN ${s}.runs_now() AS now_ms
  CROSS JOIN LATERAL (
    SELECT ${STATES.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(', ')},
      ${SUMS.map((sum) => `coalesce(sum(${sum}), 0) AS ${sum}`).join(', ')},
      coalesce(sum(${s}.held_by(items)) FILTER (WHERE state = 'leased'), 0) AS held,
      coalesce(bool_or(state = 'ready' AND until IS NULL OR state IN ('ready', 'parked') AND until <= now_ms), false) AS is_ready
    FROM ${s}.items WHERE run = runs.key
  ) AS sums
  LEFT JOIN LATERAL (
    SELECT until, reason FROM ${s}.items WHERE run = runs.key AND state IN ('ready', 'parked')
      ORDER BY until NULLS LAST, place LIMIT 1
  ) AS first ON true
  WHERE ${condition} ORDER BY runs.key`;

/** The run of an id or a name. */
export const RUN = (s: string): string => RUNS(s, `runs.key = (SELECT (${s}.find_run($1)).key)`);

/** A run for people. */
export function runStatus(run: RunView): RunStatus {
  const { run_state: state, limits, leased, is_ready, until, reason } = run;
  const next = state === 'running' && leased === 0 && !is_ready ? { until, reason } : {};
  return runStatusOfRow(run, { state, limits, next });
}
