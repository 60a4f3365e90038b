import type { FinishReason } from '../core/events.js';
import { malformed } from '../providers/no-answer.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';

/** There need be none: pings, debug and usage chunks have no choices. What is there in another shape may be lost text. @throws `malformed-answer` */
export function choicesOf({ choices }: Json): readonly Json[] {
  const isOfKnownShape =
    choices == null ||
    (Array.isArray(choices) && choices.every((choice) => choice == null || asObject(choice) !== undefined));
  if (!isOfKnownShape) throw malformed(choices);
  return asList(choices).map((choice) => asObject(choice) ?? {});
}

/** A choice that names none is the first. */
export function indexOf(choice: Json | undefined): unknown {
  return choice?.index ?? 0;
}

/** Content is a string, or, from some models, a list of parts. @throws `malformed-answer` */
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

export function readFinish(choice: Json): FinishReason | undefined {
  const reason = asText(choice.finish_reason);
  if (reason === undefined || reason === 'error') return undefined;
  return {
    unified: Object.hasOwn(UNIFIED, reason) ? (UNIFIED[reason] ?? 'other') : 'other',
    raw: asText(choice.native_finish_reason) ?? reason,
  };
}
