import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import {
  AN_HTML_PAGE,
  asList,
  asObject,
  asText,
  codesOf,
  errorInBody,
  errorOf,
  keyRemedy,
  never,
  reasonOf,
  remedyFor,
  settingOf,
  shouldRetry,
  snippet,
  statusOf,
  statusWithin,
  unexpectedContent,
  verdictOfStatus,
  verdictOfWords,
  withRemedy,
} from 'scriptorium/provider';
import type { FailedAnswer, Json, Remedies, SourceOf, Verdict } from 'scriptorium/provider';
import { retryHint } from './hints.js';
import type { Server } from './server.js';

/** What is known around an error object. */
export interface ErrorContext {
  readonly server: Pick<Server, 'id' | 'remedies'>;
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
  const error = errorInBody(body);
  if (error === undefined && status < 300) return unexpectedContent(body, status);
  const context: ErrorContext = { server, headers, status, remedies, now: () => now };
  return errorFromEnvelope(error ?? { message: isPage(body) ? AN_HTML_PAGE : snippet(body) }, context);
}

function isPage(body: string): boolean {
  return body.trimStart().startsWith('<');
}

/** Some servers answer 400 to everything, and say 429 or 503 in the body. */
function betterStatus(status: number | undefined, inBody: number | undefined): number | undefined {
  return status === 400 && inBody !== undefined && (inBody === 429 || inBody >= 500) ? inBody : undefined;
}

/**
 * A server's error object, from a body, a stream or a choice. What it is follows from its code, its type and its words, then
 * from the status; whether to try again is the server's own word (`x-should-retry`) where it gives one.
 */
export function errorFromEnvelope(value: unknown, context: ErrorContext): GenerationError {
  const { server, headers } = context;
  const error = errorOf(value);
  const codes = [...codesOf(error), ...(context.type === undefined ? [] : [context.type])];
  const told =
    betterStatus(context.status, statusOf(error)) ??
    failing(context.status) ??
    statusOf(error) ??
    statusOfWords(codes) ??
    statusWithin(error);
  const words = asText(error.message) ?? 'no reason given';
  const byWords = verdictOfWords({ status: told, codes, message: words, param: error.param });
  const status = told ?? (byWords === undefined ? 502 : 400);
  const isRateLimit = status === 429;
  const retryAt = retryHint({ headers, error, isRateLimit }, context.now());
  const details = { status, ...(retryAt !== undefined && { retryAt }) };
  const message = `${server.id} answered ${status}: ${reasonOf(error)}`;
  if (isRateLimit) {
    const quota = codes.some((code) => SPENT.test(code));
    return new RateLimitError(message, {
      ...details,
      ...shouldRetry(headers),
      ...(quota && { quota, retryable: false }),
    });
  }
  const { code, retryable } = verdictOn({ codes, error }) ?? byWords ?? verdictOfStatus(status);
  const finding = { code, status, message: words, isModelGone: byWords?.code === 'not-found' };
  const remedy = remedyFor(finding, { ...server.remedies, ...context.remedies });
  return new ApiError(code, withRemedy(message, remedy), { ...details, retryable, ...shouldRetry(headers) });
}

const SPENT = /^(insufficient_quota|billing_\w+|quota_exceeded)$/;

function verdictOn({ codes, error }: { readonly codes: readonly string[]; readonly error: Json }): Verdict | undefined {
  const says = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code));
  const isFlagged = asList(asObject(error.metadata)?.reasons).length > 0 || error.message === 'Content Exists Risk';
  if (says(/content_filter|content_policy/) || isFlagged) return never('content-filter');
  return says(SPENT) ? never('quota') : undefined;
}

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
  ['invalid_argument', 400],
  ['failed_precondition', 400],
  ['badrequesterror', 400],
  ['context_length_exceeded', 400],
  ['exceed_context_size_error', 400],
  ['authentication_error', 401],
  ['unauthenticated', 401],
  ['invalid_api_key', 401],
  ['permission_error', 403],
  ['permission_denied', 403],
  ['not_found_error', 404],
  ['not_found', 404],
  ['notfounderror', 404],
  ['model_not_found', 404],
  ['insufficient_quota', 429],
  ['resource_exhausted', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['rate_limited', 429],
  ['server_error', 500],
  ['internal', 500],
  ['api_error', 500],
  ['internal_server_error', 500],
  ['internalservererror', 500],
  ['overloaded_error', 503],
  ['unavailable', 503],
  ['deadline_exceeded', 504],
  ['service_unavailable', 503],
  ['unavailable_error', 503],
  ['engine_overloaded', 503],
]);

/** What to do about a failure of this server. @param sourceOf where the values of its section come from */
export function remediesOf(id: string, sourceOf: SourceOf): Remedies {
  const address = `the base URL (${settingOf(id, 'baseUrl', sourceOf)})`;
  return {
    authentication: keyRemedy(id, sourceOf),
    'payment-required': 'Add credit to the account.',
    quota: 'Add credit to the account, or raise its limit.',
    'not-found': `Check the name of the model, and ${address}.`,
    'unknown-model': 'Check the name of the model, or take another one.',
    'wrong-address': `Check ${address}, and any proxy before the server.`,
    'context-length': 'Shorten the prompt, ask for fewer tokens, or take a model with a longer context.',
  };
}
