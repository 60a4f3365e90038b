import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import {
  AN_HTML_PAGE,
  asErrorText,
  asObject,
  asText,
  codesOf,
  errorInBody,
  errorOf,
  keyRemedy,
  never,
  parseObject,
  reasonOf,
  remedyFor,
  settingOf,
  shouldRetry,
  snippet,
  statusOf,
  unexpectedContent,
  verdictOfStatus,
  verdictOfWords,
  withRemedy,
} from 'scriptorium/provider';
import type { FailedAnswer, Json, Remedies, SourceOf, Verdict } from 'scriptorium/provider';
import { nextMonth, regainedAt, resetHint, retryHint } from './hints.js';

/** What is known around an error object. */
export interface ErrorContext {
  readonly headers: FailedAnswer['headers'];
  /** Epoch milliseconds. */
  now(): number;
  /** The HTTP status, where it says something. */
  readonly status?: number;
  /** The vendor's id of the request, where it stands beside the error. */
  readonly requestId?: string | undefined;
  /** What to do about it. */
  readonly remedies: Remedies;
}

/** An answer with a failing status, or with a body that is none of Anthropic's. */
export function classifyAnswer({ status, headers, body, now }: FailedAnswer, remedies: Remedies): GenerationError {
  const requestId = asErrorText(parseObject(body)?.request_id);
  const context = { headers, status, now: () => now, requestId, remedies };
  const error = errorInBody(body);
  if (error !== undefined) return errorFrom(error, context);
  if (status < 300) return unexpectedContent(body, status);
  return errorFrom({ message: body.trim().startsWith('<') ? AN_HTML_PAGE : snippet(body) }, context);
}

/**
 * Anthropic's error object, from a body or from the middle of a stream. Whether to try again is decided from the server's own
 * word (`x-should-retry`), then its type, then the status; the message counts where the type says too little.
 */
export function errorFrom(value: unknown, context: ErrorContext): GenerationError {
  const error = errorOf(value);
  const message = asText(error.message) ?? '';
  const codes = codesOf(error);
  const told = STATUS_OF_TYPE.get(asText(error.type) ?? '') ?? failing(context.status) ?? statusOf(error);
  const byWords = verdictOfWords({ status: told, codes, message });
  const status = told ?? (byWords === undefined ? 500 : 400);
  const requestId = context.requestId ?? asErrorText(context.headers.get('request-id'));
  const text = `Anthropic answered ${status}: ${reasonOf(error)}${requestId === undefined ? '' : ` (request ${requestId})`}`;
  const [now, hint] = [context.now(), retryHint(context.headers, error, context.now())];
  if (/reached your specified .*usage limits/i.test(message)) return spent(text, status, regainedAt(message, now));
  if (status === 429) return limited(error, text, { ...context, hint, now });
  const { code, retryable } = byMoney(message) ?? byWords ?? verdictOfStatus(status);
  const finding = { code, status, message, isModelGone: byWords?.code === 'not-found' };
  return new ApiError(code, withRemedy(text, remedyFor(finding, context.remedies)), {
    status,
    retryable,
    ...shouldRetry(context.headers),
    ...(hint !== undefined && { retryAt: hint }),
  });
}

/** A good status says nothing about an error in its body. */
function failing(status: number | undefined): number | undefined {
  return status !== undefined && status >= 400 ? status : undefined;
}

interface Hints extends Pick<ErrorContext, 'headers'> {
  readonly now: number;
  readonly hint: number | undefined;
}

function limited(error: Json, text: string, { headers, now, hint }: Hints): RateLimitError {
  if (asObject(error.details)?.error_code === 'enforced_spend_limit_reached')
    return spent(text, 429, hint ?? nextMonth(now));
  const retryAt = hint ?? resetHint(headers, now);
  return new RateLimitError(text, { ...(retryAt !== undefined && { retryAt }), ...shouldRetry(headers) });
}

/** Waiting a little does not help. */
function spent(text: string, status: number, retryAt: number | undefined): RateLimitError {
  return new RateLimitError(text, { status, quota: true, retryable: false, ...(retryAt !== undefined && { retryAt }) });
}

function byMoney(message: string): Verdict | undefined {
  return /credit balance/i.test(message) ? never('payment-required') : undefined;
}

/** What each of the API's error types stands for; in the middle of a stream there is no other status. */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['conflict_error', 409],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/** What to do about a failure. @param sourceOf where the values of the plugin's section come from */
export function remediesOf(id: string, sourceOf: SourceOf): Remedies {
  const address = `the base URL (${settingOf(id, 'baseUrl', sourceOf)})`;
  return {
    authentication: keyRemedy(id, sourceOf),
    'payment-required': "Add credit in Anthropic's console.",
    'not-found': `Check the name of the model, and ${address}.`,
    'unknown-model': 'Check the name of the model, or take another one.',
    'wrong-address': `Check ${address}, which has no /v1, and any proxy before the server.`,
    'context-length': 'Shorten the prompt or take a model with a longer context.',
  };
}
