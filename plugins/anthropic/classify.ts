import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import {
  asErrorText,
  asObject,
  asText,
  never,
  parseObject,
  shouldRetry,
  snippet,
  unexpectedContent,
  verdictOfStatus,
  withRemedy,
} from 'scriptorium/provider';
import type { FailedAnswer, Json, Remedies, Verdict } from 'scriptorium/provider';
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
}

/** An answer with a failing status, or with a body that is none of Anthropic's. */
export function classifyAnswer({ status, headers, body, now }: FailedAnswer): GenerationError {
  const envelope = parseObject(body);
  const context = { headers, status, now: () => now, requestId: asErrorText(envelope?.request_id) };
  if (envelope?.error != null) return errorFrom(envelope.error, context);
  if (status < 300) return unexpectedContent(body, status);
  return errorFrom({ message: body.trim().startsWith('<') ? 'an HTML page' : snippet(body) }, context);
}

/**
 * Anthropic's error object, from a body or from the middle of a stream. Whether to try again is decided from the server's own
 * word (`x-should-retry`), then its type, then the status; the message counts where the type says too little.
 */
export function errorFrom(value: unknown, context: ErrorContext): GenerationError {
  const error = asObject(value) ?? { message: asErrorText(value) };
  const message = asErrorText(error.message) ?? 'no reason given';
  const status = STATUS_OF_TYPE.get(asText(error.type) ?? '') ?? context.status ?? 500;
  const requestId = context.requestId ?? asErrorText(context.headers.get('request-id'));
  const text = `Anthropic answered ${status}: ${snippet(message)}${requestId === undefined ? '' : ` (request ${requestId})`}`;
  const [now, hint] = [context.now(), retryHint(context.headers, message, context.now())];
  if (/reached your specified .*usage limits/i.test(message)) return spent(text, status, regainedAt(message, now));
  if (status === 429) return limited(error, text, { ...context, hint, now });
  const { code, retryable } = verdictOn(status, message);
  return new ApiError(code, withRemedy(text, REMEDIES[code]), {
    status,
    retryable,
    ...shouldRetry(context.headers),
    ...(hint !== undefined && { retryAt: hint }),
  });
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

function verdictOn(status: number, message: string): Verdict {
  if (/prompt is too long|exceed context limit/i.test(message)) return never('context-length');
  return /credit balance/i.test(message) ? never('payment-required') : verdictOfStatus(status);
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

const REMEDIES: Remedies = {
  authentication: 'Check the key in ANTHROPIC_API_KEY.',
  'payment-required': "Add credit in Anthropic's console.",
  'not-found': 'Check the name of the model, and the base URL (ANTHROPIC_BASE_URL).',
  'context-length': 'Shorten the prompt or take a model with a longer context.',
};
