import { didYouMean } from '../config/nearest.js';
import { shown } from '../config/shown.js';
import type { PipelineConfig } from '../config/base-schema.js';
import { LONGEST_TIMER_MS } from '../core/clock.js';
import { RequestContext } from '../core/context.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationRequest, Message } from '../core/request.js';
import type { GenerationState } from '../core/state.js';
import { defined, definedOverrides, problemOfOverrides } from './check-overrides.js';
import type { GenerationInput } from './generation-input.js';

export interface NormaliseParts {
  readonly id: string;
  readonly defaults: PipelineConfig['defaults'];
  /** The provider where neither the input nor the configuration names one. */
  readonly firstProvider: string;
  readonly state: GenerationState;
}

/** Checks an input and fills in what it leaves out. @throws GenerationError `invalid-input`, naming the field, its value and what would be right */
export function normalise(input: GenerationInput, { id, defaults, firstProvider, state }: NormaliseParts): GenerationRequest {
  check(input);
  const { prompt, system, messages, ...rest } = input;
  const given = defined(rest);
  return {
    provider: defaults.provider ?? firstProvider,
    model: defaults.model,
    maxTokens: defaults.maxTokens,
    temperature: defaults.temperature,
    topP: defaults.topP,
    wire: defaults.wire,
    providerOptions: {}, headers: {}, labels: {}, overrides: {},
    context: RequestContext.empty,
    ...given,
    ...(given.overrides !== undefined && { overrides: definedOverrides(given.overrides) }),
    id, state,
    messages: messagesOf(prompt, system, messages),
  };
}

function messagesOf(prompt: string | undefined, system: string | undefined, messages: readonly Message[] | undefined): readonly Message[] {
  const conversation: readonly Message[] = messages ?? [{ role: 'user', content: prompt ?? '' }];
  return system === undefined ? conversation : [{ role: 'system', content: system }, ...conversation];
}

interface Rule {
  readonly isRight: (value: unknown) => boolean;
  readonly right: string;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const numberFrom = (least: number, most: number): Rule => ({
  isRight: (value) => typeof value === 'number' && value >= least && value <= most,
  right: `a number from ${least} to ${most}`,
});
const wholeFrom = (least: number, most = Number.MAX_SAFE_INTEGER): Rule => ({
  isRight: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  right: most === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`,
});
const nonEmptyText: Rule = { isRight: isText, right: 'a text that is not empty' };
const object: Rule = { isRight: isRecord, right: 'an object' };
const textRecord: Rule = {
  isRight: (value) => isRecord(value) && Object.values(value as object).every((item) => typeof item === 'string'),
  right: 'an object whose values are strings',
};

const RULES: Readonly<Record<keyof GenerationInput, Rule>> = {
  prompt: nonEmptyText,
  system: { isRight: (value) => typeof value === 'string', right: 'a text' },
  messages: { isRight: (value) => Array.isArray(value) && value.length > 0 && value.every(isMessage), right: 'a list, not empty, of { role: "system" | "user" | "assistant", content: text }' },
  provider: nonEmptyText,
  model: nonEmptyText,
  maxTokens: wholeFrom(1),
  temperature: numberFrom(0, 2),
  topP: numberFrom(0, 1),
  topK: wholeFrom(0),
  minP: numberFrom(0, 1),
  topA: numberFrom(0, 1),
  frequencyPenalty: numberFrom(-2, 2),
  presencePenalty: numberFrom(-2, 2),
  repetitionPenalty: numberFrom(0, 2),
  seed: wholeFrom(Number.MIN_SAFE_INTEGER),
  stop: { isRight: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== ''), right: 'a list of texts' },
  reasoning: object,
  providerOptions: object,
  wire: { isRight: (value) => value === 'sse' || value === 'json', right: '"sse" or "json"' },
  headers: { isRight: areHeaders, right: 'an object of header names and values: printable ASCII without line breaks' },
  labels: textRecord,
  overrides: object,
  deadlineMs: wholeFrom(1, LONGEST_TIMER_MS),
  signal: { isRight: (value) => value instanceof AbortSignal, right: 'an AbortSignal' },
  context: { isRight: (value) => value instanceof RequestContext, right: 'a RequestContext' },
};

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

function areHeaders(value: unknown): boolean {
  return textRecord.isRight(value) && Object.entries(value as object).every(([name, item]) => HEADER_NAME.test(name) && HEADER_VALUE.test(String(item)));
}

function isMessage(value: unknown): boolean {
  const message = value as Partial<Message> | null;
  return isRecord(value) && ['system', 'user', 'assistant'].includes(message?.role ?? '') && typeof message?.content === 'string';
}

function check(input: GenerationInput): void {
  const { prompt, messages } = input;
  if ((prompt === undefined) === (messages === undefined)) throw invalid('Give a generation either "prompt" or "messages", and not both.');
  for (const [field, value] of Object.entries(input) as [string, unknown][]) {
    if (!Object.hasOwn(RULES, field)) throw invalid(`A generation has no field "${field}".${didYouMean(field, Object.keys(RULES))}`);
    const { isRight, right } = RULES[field as keyof GenerationInput];
    if (value !== undefined && !isRight(value)) throw invalid(`${field}${shownValue(field, value)} must be ${right}.`);
  }
  const problem = problemOfOverrides(input.overrides ?? {});
  if (problem !== undefined) throw invalid(problem);
}

/** Fields that may hold a text of the user's, or a key. */
const PRIVATE: ReadonlySet<string> = new Set(['headers', 'prompt', 'messages', 'system', 'providerOptions']);

/** What the value is; of one that is private only what it is not. */
function shownValue(field: string, value: unknown): string {
  if (!PRIVATE.has(field)) return ` is ${shown(value)}, but`;
  if (typeof value === 'object' && value !== null) return '';
  const what = typeof value === 'string' && value.trim() === '' ? 'empty' : value === null ? 'null' : `of type ${typeof value}`;
  return ` is ${what}, but`;
}

function invalid(message: string): GenerationError {
  return new GenerationError('invalid-input', message);
}
