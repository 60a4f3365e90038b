import { BASE_SCHEMA } from '../config/base-schema.js';
import { between, flag, list, modelName, oneOf, orNull, text, whole } from '../config/formats.js';
import type { Format } from '../config/formats.js';
import { isSection } from '../config/is-section.js';
import { LONGEST_TIMER_MS } from '../core/clock.js';
import { RequestContext } from '../core/context.js';
import type { Reasoning } from '../core/request.js';
import type { GenerationInput } from './generation-input.js';
import { responseFormatFormat, toolChoiceFormat, toolsFormat } from './tool-formats.js';

const { maxTokens, temperature, topP, wire } = BASE_SCHEMA.defaults;

/** Text that is not blank. */
const words = passing(text.description, (value) => typeof value === 'string' && value.trim() !== '');
const anyText = passing('a text', (value) => typeof value === 'string');
const object = passing('an object', isSection);

/**
 * Formats of a generation's fields, as in the configuration. The contents of `reasoning`, `headers`, `providerOptions`
 * and `overrides` are checked separately.
 */
export const INPUT_FORMATS: Readonly<Record<keyof GenerationInput, Format<unknown>>> = {
  id: passing('1 to 200 printable characters, not all of them spaces', isId),
  prompt: words,
  system: anyText,
  // `problemOfMessages` checks the content.
  messages: passing(
    'a non-empty list of { role: "system" | "user" | "assistant" | "tool", content: text or parts }',
    (value) => Array.isArray(value) && value.length > 0,
  ),
  continueFrom: anyText,
  provider: words,
  model: modelName,
  maxTokens: maxTokens.format,
  temperature: temperature.format,
  topP: topP.format,
  topK: orNull(whole(0)),
  minP: orNull(between(0, 1)),
  topA: orNull(between(0, 1)),
  frequencyPenalty: orNull(between(-2, 2)),
  presencePenalty: orNull(between(-2, 2)),
  repetitionPenalty: orNull(between(0, 2)),
  seed: orNull(whole(Number.MIN_SAFE_INTEGER)),
  stop: orNull(list),
  reasoning: object,
  tools: toolsFormat,
  toolChoice: toolChoiceFormat,
  responseFormat: responseFormatFormat,
  providerOptions: object,
  wire: wire.format,
  headers: passing('an object of header names and values: printable ASCII without line breaks', areHeaders),
  labels: passing('an object whose values are strings', isTextRecord),
  overrides: object,
  deadlineMs: whole(1, LONGEST_TIMER_MS),
  signal: passing('an AbortSignal', (value) => value instanceof AbortSignal),
  context: passing('a RequestContext', (value) => value instanceof RequestContext),
};

/** Formats of the fields of `reasoning`. */
export const REASONING_FORMATS: Readonly<Record<keyof Reasoning, Format<unknown>>> = {
  effort: oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  maxTokens: whole(1),
  exclude: flag,
};

function passing(description: string, isRight: (value: unknown) => boolean): Format<unknown> {
  return { description, read: (value) => (isRight(value) ? value : undefined) };
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,200}$/u.test(value);
}

function isTextRecord(value: unknown): boolean {
  return isSection(value) && Object.values(value).every((item) => typeof item === 'string');
}

function areHeaders(value: unknown): boolean {
  return (
    isTextRecord(value) &&
    Object.entries(value as object).every(
      ([name, item]) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(String(item)),
    )
  );
}
