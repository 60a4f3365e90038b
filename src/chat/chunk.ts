import type { FinishReason } from '../core/events.js';
import { malformed } from '../providers/no-answer.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';

/**
 * Returns the choices of a chunk. Pings, debug and usage chunks have none. An unknown shape throws, because it may hide
 * text.
 * @throws GenerationError `malformed-answer`
 */
export function choicesOf({ choices }: Json): readonly Json[] {
  const isOfKnownShape =
    choices == null ||
    (Array.isArray(choices) && choices.every((choice) => choice == null || asObject(choice) !== undefined));
  if (!isOfKnownShape) throw malformed(choices);
  return asList(choices).map((choice) => asObject(choice) ?? {});
}

/** The index of a choice; 0 if it has none. */
export function indexOf(choice: Json | undefined): unknown {
  return choice?.index ?? 0;
}

/**
 * The text of a content field: a string or, from some models, a list of parts.
 * @throws GenerationError `malformed-answer`
 */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (content != null && !Array.isArray(content)) throw malformed(content);
  return asList(content)
    .map((part) => asText(asObject(part)?.text) ?? '')
    .join('');
}

const UNIFIED: Readonly<Record<string, FinishReason['unified']>> = {
  stop: 'stop',
  eos: 'stop',
  length: 'length',
  model_length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
};

/** Reads the finish reason of a choice. Undefined if there is none yet, or if it is `error`. */
export function readFinish(choice: Json): FinishReason | undefined {
  const reason = asText(choice.finish_reason);
  if (reason === undefined || reason === 'error') return undefined;
  return {
    unified: Object.hasOwn(UNIFIED, reason) ? (UNIFIED[reason] ?? 'other') : 'other',
    raw: asText(choice.native_finish_reason) ?? reason,
  };
}
