import type { Prefill } from '../core/continuation.js';
import type { GenerationRequest } from '../core/request.js';
import { asObject } from './json.js';
import { lookUpModel } from './look-up-model.js';

/** Maps model names, or patterns with `*`, to the way in which the model continues a text. */
export type PrefillTable = Readonly<Record<string, Prefill>>;

/**
 * Returns how the request's model continues a text. The first table that has the model decides (the exact name first,
 * then the first matching pattern); the default is `instructed`. Answers with a response format or with several choices
 * cannot be joined from segments: `none`. A model that reasons first cannot be prefilled: `instructed` instead of
 * `exact`.
 * @param id id of the provider whose `providerOptions` are read
 * @see docs/continuity.md
 * @example
 * ```ts
 * const TABLE: PrefillTable = { 'deepseek/*': 'exact', 'openai/*': 'instructed' };
 * const capabilities = (request: GenerationRequest) => ({ prefill: prefillFrom([TABLE], request, 'my-vendor') });
 * ```
 */
export function prefillFrom(
  tables: readonly PrefillTable[],
  { model, reasoning, responseFormat, providerOptions }: GenerationRequest,
  id: string,
): Prefill {
  const options = providerOptions[id] ?? {};
  const format = asObject(options.response_format)?.type ?? responseFormat?.type ?? 'text';
  if (format !== 'text' || (typeof options.n === 'number' && options.n > 1)) return 'none';
  const found =
    tables.map((table) => lookUpModel(table, model)).find((prefill) => prefill !== undefined) ?? 'instructed';
  const effort = options.reasoning_effort ?? reasoning?.effort;
  const thinks =
    (reasoning !== undefined && effort === undefined) ||
    (effort !== undefined && effort !== 'none') ||
    options.reasoning !== undefined;
  return found === 'exact' && thinks ? 'instructed' : found;
}
