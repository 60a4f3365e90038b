import { sumCost, sumUsage } from 'scriptorium/plugin';
import { chatAnswer } from 'scriptorium/provider';
import type { ItemRecord, ItemResult } from '../journal/item.js';

/** A line of an output file, in OpenAI's format. */
export interface OutputLine {
  /** Begins with `outputIdOf` the run. */
  readonly id: string;
  readonly custom_id: string;
  /** The answer of a done item. */
  readonly response: { readonly status_code: 200; readonly request_id: string; readonly body: object } | null;
  readonly error: OutputError | null;
}

/** Why an item has no answer. */
export interface OutputError {
  readonly code: string;
  readonly message: string;
  /** The text that was paid for before it failed. It is not whole. */
  readonly partial?: string;
}

/** The beginning of the ids of a run's output, by which a file is known as that of the run. */
export function outputIdOf(run: string): string {
  return `batch_req_${run}_`;
}

/** The line of an item that has ended; undefined for one that has not. */
export function outputLine(record: ItemRecord): OutputLine | undefined {
  const { run, item, index, state, result } = record;
  const head = { id: `${outputIdOf(run)}${index + 1}`, custom_id: item };
  if (state === 'done' && result !== undefined) return { ...head, response: response(record, result), error: null };
  if (state === 'failed' || state === 'cancelled') return { ...head, response: null, error: errorOf(record) };
  return undefined;
}

function response(record: ItemRecord, result: ItemResult): NonNullable<OutputLine['response']> {
  const { text, records, since } = record;
  const {
    finishReason,
    provider,
    model,
    responseId,
    servedFrom,
    toolCalls = [],
    annotations = [],
    images = [],
  } = result;
  const requestId = responseId ?? records.at(-1)?.generation ?? record.item;
  const usages = records.map(({ usage }) => usage);
  const answer = {
    ...{ text, finishReason, provider, model, servedFrom, toolCalls, images },
    annotations: annotations as Parameters<typeof chatAnswer>[0]['annotations'],
    ...{ reasoning: '', reasoningDetails: [], attempts: [], segments: [] },
    usage: sumUsage(usages),
    cost: sumCost(usages),
  };
  const head = { id: requestId, created: Math.floor(since / 1_000), model };
  return { status_code: 200, request_id: requestId, body: chatAnswer(answer, head) };
}

function errorOf({ state, error, reason, text }: ItemRecord): OutputError {
  const code = typeof error?.['code'] === 'string' ? error['code'] : state;
  const message = typeof error?.['message'] === 'string' ? error['message'] : (reason ?? `The item is ${state}.`);
  return { code, message, ...(text !== '' && { partial: text }) };
}
