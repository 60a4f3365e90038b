import { GenerationError } from '../../core/errors/generation-error.js';
import type { FinishReason } from '../../core/events.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';

/** There need be none: pings, debug and usage chunks have no choices. What is there in another shape may be lost text. @throws `malformed-answer` */
export function choicesOf({ choices }: Json): readonly Json[] {
  const isOfKnownShape = choices == null || (Array.isArray(choices) && choices.every((choice) => choice == null || asObject(choice) !== undefined));
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
  return asList(content).map((part) => asText(asObject(part)?.text) ?? '').join('');
}

const UNIFIED: Readonly<Record<string, FinishReason['unified']>> = {
  stop: 'stop', eos: 'stop', length: 'length', model_length: 'length', content_filter: 'content-filter', tool_calls: 'tool-calls', function_call: 'tool-calls',
};

export function readFinish(choice: Json): FinishReason | undefined {
  const reason = asText(choice.finish_reason);
  if (reason === undefined || reason === 'error') return undefined;
  return { unified: Object.hasOwn(UNIFIED, reason) ? (UNIFIED[reason] ?? 'other') : 'other', raw: asText(choice.native_finish_reason) ?? reason };
}

/** @throws GenerationError: an answer without content is no success, whatever its finish reason */
export function refuseEmpty({ unified, raw }: FinishReason): never {
  if (unified === 'length') throw new GenerationError('empty-answer', 'The token cap was reached before the first word; raise maxTokens, or let the model think less.');
  if (unified === 'content-filter') throw new GenerationError('content-filter', 'The vendor\'s content filter withheld the answer; change the prompt or the model.');
  throw new GenerationError('empty-answer', `The model ended its answer (${raw ?? unified}) without a word.`, { retryable: true });
}

/** The model has said, in place of an answer, why there is none. */
export function refused(words: string): GenerationError {
  const said = words.replaceAll(/\s+/g, ' ').trim();
  return new GenerationError('content-filter', `The model refused to answer: ${said.length > 200 ? `${said.slice(0, 200)}…` : said}`);
}

export function malformed(json: unknown): GenerationError {
  return new GenerationError('malformed-answer', `The server sent JSON of an unknown shape (${json === null ? 'null' : typeof json}).`, { retryable: true, retryLimit: 1 });
}
