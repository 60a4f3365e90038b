import { dollarsOf } from 'scriptorium/plugins/runs';
import type { ItemState, RunLimits, RunState, RunStatus } from 'scriptorium/plugins/runs';
import { costOf } from './item-views.js';
import { parsed } from './json.js';

/** A run as `RUNS` returns it. Money is in pico-dollars. */
export interface RunView extends Readonly<Record<ItemState, number>> {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly digest: string;
  readonly run_state: RunState;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly labels: string;
  readonly limits: RunLimits;
  readonly data: string | null;
  readonly words: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly known: number;
  readonly estimated: number;
  readonly unmeasured: number;
  readonly held: number;
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
  const { waiting, ready, leased, parked, done, failed, cancelled } = run;
  return {
    id: run.id,
    name: run.name,
    hash: run.hash,
    digest: run.digest,
    state: run.run_state,
    createdAt: run.created_at,
    ...(run.ended_at === null ? {} : { endedAt: run.ended_at }),
    labels: parsed(run.labels) as Readonly<Record<string, string>>,
    limits: run.limits,
    ...(run.data === null ? {} : { data: parsed(run.data) }),
    items: { waiting, ready, leased, parked, done, failed, cancelled },
    words: run.words,
    inputTokens: run.input_tokens,
    outputTokens: run.output_tokens,
    cost: costOf(run),
    heldUsd: dollarsOf(run.held),
    ...(run.run_state === 'running' && leased === 0 && !run.is_ready ? nextStart(run) : {}),
  };
}

/** The earliest time at which the run goes on, and why. */
function nextStart({ until, reason }: RunView): Pick<RunStatus, 'until' | 'reason'> {
  return {
    ...(until === null ? {} : { until }),
    ...(reason === null ? {} : { reason: parsed(reason) as string }),
  };
}
