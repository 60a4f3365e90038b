import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import {
  asErrorText,
  asText,
  never,
  shouldRetry,
  snippet,
  statusOf,
  unexpectedContent,
  verdictOfStatus,
  withRemedy,
} from 'scriptorium/provider';
import type { FailedAnswer, Json, Remedies, Verdict } from 'scriptorium/provider';
import { errorIn, errorOf } from './envelope.js';
import { retryHint } from './hints.js';
import type { Server } from './server.js';

/** What is known around an error object. */
export interface ErrorContext {
  readonly server: Pick<Server, 'id' | 'preset'>;
  readonly headers: FailedAnswer['headers'];
  /** Epoch milliseconds. */
  now(): number;
  /** The HTTP status, where it says something. */
  readonly status?: number;
  /** The error's type, where it stands beside the error object instead of in it. */
  readonly type?: string | undefined;
  /** What to do about it, where that is not what it is for a generation. */
  readonly remedies?: Remedies;
}

/** An answer with a failing status, or with a body that is no answer of a model. */
export function classifyAnswer(
  { status, headers, body, now }: FailedAnswer,
  server: ErrorContext['server'],
  remedies: Remedies = {},
): GenerationError {
  const error = errorIn(body);
  if (error === undefined && status < 300) return unexpectedContent(body, status);
  const context: ErrorContext = { server, headers, status, remedies, now: () => now };
  return errorFromEnvelope(error ?? { message: body.trim().startsWith('<') ? 'an HTML page' : snippet(body) }, context);
}

/**
 * A server's error object, from a body, a stream or a choice. What it is follows from its code, its type and its words, then
 * from the status; whether to try again is the server's own word (`x-should-retry`) where it gives one.
 */
export function errorFromEnvelope(value: unknown, context: ErrorContext): GenerationError {
  const { server, headers } = context;
  const error = errorOf(value);
  const words = [error.code, error.type, context.type].map(asErrorText).filter((word) => word !== undefined);
  const status = failing(context.status) ?? statusOf(error) ?? statusOfWords(words) ?? 502;
  const isRateLimit = status === 429;
  const retryAt = retryHint({ headers, error, isRateLimit }, context.now());
  const details = { status, ...(retryAt !== undefined && { retryAt }) };
  const message = `${server.id} answered ${status}: ${snippet(asText(error.message) ?? 'no reason given')}`;
  if (isRateLimit) {
    const quota = words.some((word) => SPENT.test(word));
    return new RateLimitError(message, {
      ...details,
      ...shouldRetry(headers),
      ...(quota && { quota, retryable: false }),
    });
  }
  const { code, retryable } = verdictOn(status, words, error);
  const remedy = { ...remediesOf(server), ...context.remedies }[code];
  return new ApiError(code, withRemedy(message, remedy), { ...details, retryable, ...shouldRetry(headers) });
}

const SPENT = /^(insufficient_quota|billing_\w+|quota_exceeded)$/;

function verdictOn(status: number, words: readonly string[], error: Json): Verdict {
  const message = asText(error.message) ?? '';
  const says = (pattern: RegExp): boolean => words.some((word) => pattern.test(word));
  if (says(/context_length|context_size/) || (status < 500 && TOO_LONG.test(message))) return never('context-length');
  if (says(/content_filter|content_policy/) || message === 'Content Exists Risk') return never('content-filter');
  if (says(/^model_not_found$/)) return never('not-found');
  if (says(SPENT)) return never('quota');
  return verdictOfStatus(status);
}

/** As OpenAI, vLLM, llama.cpp, Mistral and Together say it. */
const TOO_LONG = /context (length|size|window)|maximum context|too large for model|tokens? .*must be <=/i;

/** A good status says nothing about an error in its body. */
function failing(status: number | undefined): number | undefined {
  return status !== undefined && status >= 400 ? status : undefined;
}

function statusOfWords(words: readonly string[]): number | undefined {
  return words.map((word) => STATUS_OF_WORD.get(word.toLowerCase())).find((status) => status !== undefined);
}

/** Codes and types of errors inside a stream, where no status tells more. */
const STATUS_OF_WORD: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['badrequesterror', 400],
  ['context_length_exceeded', 400],
  ['exceed_context_size_error', 400],
  ['authentication_error', 401],
  ['invalid_api_key', 401],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['notfounderror', 404],
  ['model_not_found', 404],
  ['insufficient_quota', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['rate_limited', 429],
  ['server_error', 500],
  ['api_error', 500],
  ['internal_server_error', 500],
  ['internalservererror', 500],
  ['overloaded_error', 503],
  ['service_unavailable', 503],
  ['unavailable_error', 503],
  ['engine_overloaded', 503],
]);

function remediesOf({ id, preset }: ErrorContext['server']): Remedies {
  const variable = preset.keyVariable === undefined ? '' : `, usually ${preset.keyVariable}`;
  return {
    authentication: `Check the key (plugins.${id}.apiKey${variable}).`,
    'payment-required': 'Add credit to the account.',
    quota: 'Add credit to the account, or raise its limit.',
    'not-found': `Check the name of the model, and the base URL (plugins.${id}.baseUrl).`,
    'context-length': 'Shorten the prompt, ask for fewer tokens, or take a model with a longer context.',
  };
}
