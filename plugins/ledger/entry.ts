import type { AttemptReconciledStat, AttemptStat, GenerationStat, Stat, Usage } from 'scriptorium/plugin';
import { picoDollars } from './pico-dollars.js';

export type Cell = string | number | null;
export type Row = readonly Cell[];

/** A stat as it goes into the ledger: a row of one table, in the order of `COLUMNS`, with its rows of labels. */
export interface Entry {
  readonly table: keyof typeof COLUMNS;
  readonly row: Row;
  readonly labels: readonly Row[];
}

const USAGE = [
  'source',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost_pico',
  'estimated_cost_pico',
];

/** What is written of each table. */
export const COLUMNS = {
  generations: [
    'id',
    'started_at',
    'provider',
    'model',
    'outcome',
    'error_code',
    'error_message',
    'latency_ms',
    'time_to_first_token_ms',
    'queue_ms',
    'backoff_ms',
    'attempts',
    'served_from',
  ],
  attempts: [
    'generation_id',
    'attempt',
    'started_at',
    'provider',
    'model',
    'outcome',
    'error_code',
    'status',
    'sent',
    'latency_ms',
    'time_to_first_token_ms',
    'response_id',
    ...USAGE,
  ],
  reconciliations: [
    'generation_id',
    'attempt',
    'reconciled_at',
    'response_id',
    ...USAGE,
    'replaced_source',
    'replaced_input_tokens',
    'replaced_output_tokens',
    'replaced_cost_pico',
    'replaced_estimated_cost_pico',
  ],
  labels: ['generation_id', 'attempt', 'name', 'value'],
} as const;

/** @param now epoch milliseconds */
export function entryOf(stat: Stat, now: number): Entry {
  switch (stat.type) {
    case 'generation-end':
      return { table: 'generations', row: generationRow(stat), labels: labelRows(stat, 0) };
    case 'attempt-end':
      return { table: 'attempts', row: attemptRow(stat), labels: labelRows(stat, stat.attempt) };
    case 'attempt-reconciled':
      return { table: 'reconciliations', row: reconciliationRow(stat, now), labels: [] };
    default:
      return stat satisfies never;
  }
}

function generationRow(stat: GenerationStat): Row {
  return [
    clean(stat.generationId),
    whole(stat.startedAt),
    clean(stat.provider),
    clean(stat.model),
    stat.outcome,
    maybe(stat.errorCode),
    maybe(stat.errorMessage),
    stat.latencyMs,
    stat.timeToFirstTokenMs ?? null,
    stat.queueMs,
    stat.backoffMs,
    whole(stat.attempts),
    stat.servedFrom,
  ];
}

function attemptRow(stat: AttemptStat): Row {
  return [
    clean(stat.generationId),
    stat.attempt,
    whole(stat.startedAt),
    clean(stat.provider),
    clean(stat.model),
    stat.outcome,
    maybe(stat.errorCode),
    stat.status === undefined ? null : whole(stat.status),
    stat.sent ? 1 : 0,
    stat.latencyMs,
    stat.timeToFirstTokenMs ?? null,
    maybe(stat.responseId),
    ...usageCells(stat.usage),
  ];
}

function reconciliationRow(
  { generationId, attempt, responseId, usage, replaces }: AttemptReconciledStat,
  now: number,
): Row {
  const [source = null, input = null, output = null, , , , cost = null, estimated = null] = usageCells(replaces);
  return [
    clean(generationId),
    attempt,
    whole(now),
    clean(responseId),
    ...usageCells(usage),
    source,
    input,
    output,
    cost,
    estimated,
  ];
}

function usageCells(usage: Usage): Row {
  const {
    source,
    inputTokens,
    outputTokens,
    cachedInputTokens = 0,
    cacheWriteTokens = 0,
    reasoningTokens = 0,
    costUsd,
    estimatedCostUsd,
  } = usage;
  const counts = [inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens].map(whole);
  const [known, estimated] = [costUsd, costUsd === undefined ? estimatedCostUsd : undefined].map((dollars) =>
    dollars === undefined ? null : picoDollars(dollars),
  );
  return [source, ...counts, known ?? null, estimated ?? null];
}

/** The labels of the generation itself are those of "attempt 0". */
function labelRows({ generationId, labels }: Stat, attempt: number): readonly Row[] {
  return Object.entries(labels).map(([name, value]) => [clean(generationId), attempt, clean(name), clean(value)]);
}

const maybe = (text: string | undefined): Cell => (text === undefined ? null : clean(text));

/** Halves of characters, and NUL, are no text for SQLite. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

function whole(value: number): number {
  return Number.isFinite(value) ? Math.round(value) : 0;
}
