import type { PipelineConfig } from '../config/base-schema.js';
import { shown } from '../config/shown.js';
import { RequestContext } from '../core/context.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { Message } from '../core/message.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import type { GenerationRequest } from '../core/request.js';
import { STATE } from '../core/state.js';
import type { GenerationState, Stateful } from '../core/state.js';
import { defined } from '../core/util/defined.js';
import { frozenCopy } from '../core/util/frozen-copy.js';
import { didYouMean } from '../core/util/nearest.js';
import { definedOverrides, problemOfOverrides } from './check-overrides.js';
import { isOf, problemOfFields, problemOfHeaders, problemOfProviderOptions } from './field-problems.js';
import type { GenerationInput } from './generation-input.js';
import { INPUT_FORMATS, REASONING_FORMATS } from './input-formats.js';
import { problemOfMessages } from './message-formats.js';

/** Configuration that `normalise` needs. */
export interface NormaliseParts {
  readonly id: string;
  readonly defaults: PipelineConfig['defaults'];
  readonly providers: ProviderRegistry;
  readonly state: GenerationState;
}

/**
 * Checks an input, applies defaults, and copies it to a new request: changes to the request do not affect the caller's
 * objects.
 * @throws GenerationError `invalid-input` with the field, its value and the expected format
 */
export function normalise(
  input: GenerationInput,
  { id, defaults, providers, state }: NormaliseParts,
): GenerationRequest {
  check(input, providers.ids);
  const { id: _id, prompt, system, messages, model, continueFrom, reasoning, overrides, ...rest } = input;
  const provider = input.provider ?? defaults.provider ?? providers.firstId;
  const request: Stateful = {
    [STATE]: state,
    id,
    messages: copyOf('messages', messagesOf(prompt, system, messages)),
    provider,
    model: (model ?? defaults.model ?? defaultModelOf(provider, providers)).trim(),
    wire: defaults.wire,
    providerOptions: {},
    headers: {},
    labels: {},
    overrides: {},
    context: RequestContext.empty,
    ...copies(sendable({ ...ofRequests(defaults), ...defined(rest) })),
    ...(isGiven(continueFrom) && { continueFrom }),
    ...(reasoning !== undefined && { reasoning: copyOf('reasoning', defined(reasoning)) }),
    ...(overrides !== undefined && { overrides: copyOf('overrides', definedOverrides(overrides)) }),
  };
  return request;
}

/** The defaults of what a request may have or not. */
function ofRequests({ maxTokens, temperature, topP }: NormaliseParts['defaults']) {
  return { maxTokens, temperature, topP };
}

/** Without what is null: it is not sent. Servers refuse an empty list of stop texts, which says the same. */
function sendable<T extends object>(fields: T): Sendable<T> {
  const isSent = ([field, value]: [string, unknown]): boolean =>
    value !== null && !(field === 'stop' && Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(isSent)) as Sendable<T>;
}

type Sendable<T> = { readonly [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as null extends T[K] ? K : never]?: Exclude<T[K], null | undefined>;
};

function copies<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, copyOf(field, value)])) as T;
}

/** @throws GenerationError `invalid-input` if the value cannot be written as JSON */
function copyOf<T>(field: string, value: T): T {
  try {
    return frozenCopy(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`${field} ${error.message}. Pass data that can be written as JSON.`);
  }
}

/** @throws GenerationError `invalid-input` if the provider is unknown, or has no default model */
function defaultModelOf(id: string, providers: ProviderRegistry): string {
  const { defaultModel } = providers.get(id);
  if (defaultModel !== undefined) return defaultModel;
  throw invalid(
    `The generation names no model, and the provider "${id}" has no default. Pass "model", or set defaults.model (SCRIPTORIUM_DEFAULTS_MODEL).`,
  );
}

function messagesOf(
  prompt: string | undefined,
  system: string | undefined,
  messages: readonly Message[] | undefined,
): readonly Message[] {
  const conversation: readonly Message[] = messages ?? [{ role: 'user', content: prompt ?? '' }];
  return system === undefined ? conversation : [{ role: 'system', content: system }, ...conversation];
}

function check(input: GenerationInput, providerIds: readonly string[]): void {
  const { prompt, messages, reasoning, headers, providerOptions, overrides } = input;
  if ((prompt === undefined) === (messages === undefined))
    throw invalid('Give a generation either "prompt" or "messages", not both.');
  for (const [field, value] of Object.entries(input) as [string, unknown][]) {
    if (!Object.hasOwn(INPUT_FORMATS, field))
      throw invalid(`A generation has no field "${field}".${didYouMean(field, Object.keys(INPUT_FORMATS))}`);
    const format = INPUT_FORMATS[field as keyof GenerationInput];
    if (value !== undefined && !isOf(format, value))
      throw invalid(`${field}${shownValue(field, value)} must be ${format.description}.`);
  }
  const problem =
    (messages === undefined ? undefined : problemOfMessages(messages)) ??
    problemOfFields('reasoning', REASONING_FORMATS, reasoning ?? {}) ??
    problemOfContinuing(input) ??
    problemOfHeaders(headers ?? {}) ??
    problemOfProviderOptions(providerOptions ?? {}, providerIds) ??
    (overrides === undefined ? undefined : problemOfOverrides(overrides));
  if (problem !== undefined) throw invalid(problem);
}

/** Whether there is a text to continue: an earlier error may have an empty one. */
function isGiven(continueFrom: string | undefined): continueFrom is string {
  return continueFrom !== undefined && continueFrom !== '';
}

/** Only plain text can be joined from segments. */
function problemOfContinuing({ continueFrom, tools, responseFormat }: GenerationInput): string | undefined {
  if (!isGiven(continueFrom)) return undefined;
  if (!continueFrom.isWellFormed())
    return 'continueFrom contains half a surrogate pair. Cut the text between two characters.';
  const field =
    tools !== undefined
      ? 'tools'
      : responseFormat !== undefined && responseFormat.type !== 'text'
        ? 'responseFormat'
        : undefined;
  return field && `continueFrom continues plain text and cannot be combined with ${field}. Remove one of them.`;
}

/** Fields that may hold the user's text or a key. */
const PRIVATE: ReadonlySet<string> = new Set([
  'headers',
  'prompt',
  'messages',
  'system',
  'continueFrom',
  'providerOptions',
]);

/** Formats a value for a message; for a private field only its type. */
function shownValue(field: string, value: unknown): string {
  if (!PRIVATE.has(field)) return ` is ${shown(value)}, but`;
  if (typeof value === 'object' && value !== null) return '';
  const what =
    typeof value === 'string' && value.trim() === '' ? 'empty' : value === null ? 'null' : `of type ${typeof value}`;
  return ` is ${what}, but`;
}

function invalid(message: string): GenerationError {
  return new GenerationError('invalid-input', message);
}
