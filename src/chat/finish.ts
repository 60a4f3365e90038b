import type { FinishReason } from '../core/events.js';
import { asText } from './json.js';
import type { Json } from './json.js';

/**
 * The words by which vendors say why a model has stopped, in lower case: of OpenAI, Anthropic, Google, Cohere, Mistral, Amazon,
 * IBM, Z.ai, xAI, Hugging Face, vLLM, llama.cpp, LM Studio and Ollama, as their documentation of autumn 2026 names them. Gateways pass
 * them on as they are.
 */
const WORDS: Readonly<Record<Exclude<FinishReason['unified'], 'other'>, readonly string[]>> = {
  stop: [
    ...['stop', 'eos', 'eos_token', 'end_turn', 'endoftext', 'stop_sequence', 'stop_token', 'complete', 'completed'],
    ...['finish', 'finished', 'done', 'word', 'end', 'success', 'succeeded'],
    ...['eosfound', 'stopstringfound'],
  ],
  length: [
    ...['length', 'max_tokens', 'max_tokens_reached', 'max_length', 'max_output_tokens', 'max_completion_tokens'],
    ...['model_length', 'token_limit', 'limit', 'error_limit', 'model_context_window_exceeded', 'context_length'],
    ...['max_len', 'max_context', 'maxpredictedtokensreached', 'contextlengthreached'],
  ],
  'content-filter': [
    ...[
      'content_filter',
      'content_filtered',
      'safety',
      'recitation',
      'prohibited_content',
      'blocklist',
      'spii',
      'refusal',
    ],
    ...[
      'image_safety',
      'image_prohibited_content',
      'image_recitation',
      'guardrail_intervened',
      'sensitive',
      'error_toxic',
    ],
    ...['moderation', 'blocked'],
  ],
  'tool-calls': ['tool_calls', 'tool_call', 'tool_use', 'function_call', 'function_calls', 'toolcalls'],
};
const UNIFIED: ReadonlyMap<string, FinishReason['unified']> = new Map(
  Object.entries(WORDS).flatMap(([unified, words]) =>
    words.map((word) => [word, unified as FinishReason['unified']] as const),
  ),
);

/** Words for an answer that the server itself has given up, so that it is not whole. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  ...['error', 'abort', 'aborted', 'cancelled', 'canceled', 'user_cancel', 'failed', 'timeout', 'time_limit'],
  ...['insufficient_system_resource', 'network_error', 'userstopped', 'modelunloaded'],
]);

/** Words that say that the answer goes on, where `null` is meant. */
const NOT_YET: ReadonlySet<string> = new Set(['null', 'none', 'not_finished', 'unspecified']);

/** Reads the finish reason of a choice. Undefined if there is none yet, or if the server gave the answer up. */
export function readFinish(choice: Json): FinishReason | undefined {
  const finish = finishReasonOf(choice.finish_reason);
  const native = finish === undefined ? undefined : asText(choice.native_finish_reason);
  return finish === undefined || native === undefined ? finish : { ...finish, raw: native };
}

/**
 * Returns what a vendor's word for the end of an answer means, in any case; `other` for a word that is not known. Undefined if
 * there is no word, if it says that the answer goes on, or that the server gave it up.
 * @see docs/dialects.md
 * @example
 * ```ts
 * finishReasonOf('MAX_TOKENS'); // { unified: 'length', raw: 'MAX_TOKENS' }
 * ```
 */
export function finishReasonOf(word: unknown): FinishReason | undefined {
  const reason = asText(word);
  if (reason === undefined) return undefined;
  // The words of nearly all answers.
  if (reason === 'stop' || reason === 'length') return { unified: reason, raw: reason };
  const words = wordsIn(reason);
  if (words.some((each) => NOT_YET.has(each) || GIVEN_UP.has(each))) return undefined;
  const known = words.find((each) => UNIFIED.has(each));
  return { unified: (known === undefined ? undefined : UNIFIED.get(known)) ?? 'other', raw: reason };
}

/** Whether the server has given an answer up, by the word of its finish reason. */
export function isGivenUp(choice: Json): boolean {
  const reason = asText(choice.finish_reason);
  return reason !== undefined && reason !== 'stop' && wordsIn(reason).some((word) => GIVEN_UP.has(word));
}

/** `FINISH_REASON_STOP`, `content_filter: RECITATION`: the whole, and its parts beside a colon. */
function wordsIn(reason: string): readonly string[] {
  const plain = reason.toLowerCase().replace(/^(finish_?)?reason[_.]/, '');
  return [plain, ...plain.split(':')].map((word) => word.trim().replaceAll(/[\s-]+/g, '_'));
}
