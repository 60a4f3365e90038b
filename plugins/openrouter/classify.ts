import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import {
  AN_HTML_PAGE,
  asCount,
  asObject,
  asText,
  codesOf,
  errorInBody,
  errorOf,
  never,
  reasonOf,
  remedyFor,
  shouldRetry,
  snippet,
  statusOf,
  statusWithin,
  unexpectedContent,
  verdictOfStatus,
  verdictOfWords,
  withRemedy,
} from 'scriptorium/provider';
import type { ErrorDetails, FailedAnswer, Json, Remedies, Verdict } from 'scriptorium/provider';
import { retryHint } from './hints.js';
import { remedyOfRefusal } from './remedies.js';
import { statusOfType } from './status.js';

/** What is known around an error object. */
export interface ErrorContext {
  readonly headers: FailedAnswer['headers'];
  /** Epoch milliseconds. */
  now(): number;
  /** The HTTP status, where it says something. */
  readonly status?: number;
  /** The error's type, where it stands beside the error object instead of in it. */
  readonly type?: string | undefined;
  readonly remedies: Remedies;
}

/** An answer with a failing status, or with a body that is none of OpenRouter's. */
export function classifyAnswer({ status, headers, body, now }: FailedAnswer, remedies: Remedies): GenerationError {
  const error = errorInBody(body);
  const context = { headers, status, remedies, now: () => now };
  if (error !== undefined) return errorFromEnvelope(error, context);
  if (status < 300) return unexpectedContent(body, status);
  return errorFromEnvelope({ message: body.trim().startsWith('<') ? AN_HTML_PAGE : snippet(body) }, context);
}

/**
 * OpenRouter's error object, from a body, a stream or a choice. Whether to try again is decided from the server's own
 * word (`x-should-retry`, `availability.retryable`), then its error type, then its words, then the status.
 */
export function errorFromEnvelope(value: unknown, context: ErrorContext): GenerationError {
  const error = errorOf(value);
  const metadata = asObject(error.metadata);
  const type = asText(metadata?.error_type) ?? asText(error.error_type) ?? context.type ?? asText(error.type) ?? '';
  const told = statusOf(error) ?? statusOfType(type) ?? failing(context.status) ?? statusWithin(error);
  const byWords = verdictOfWords({
    status: told,
    codes: [...codesOf(error), ...codesOf(asObject(error.availability) ?? {})],
    message: asText(error.message) ?? '',
    param: error.param,
  });
  const status = told ?? (byWords === undefined ? 502 : 400);
  const retryAt = retryHint(context.headers, error, context.now());
  const details = { status, ...(retryAt !== undefined && { retryAt }) };
  const message = `OpenRouter answered ${status}: ${reasonOf(error)}`;
  const meaning = statusOfType(type) ?? status;
  if (meaning === 429)
    return rateLimited(error, { ...details, ...serversWord(error, context), message, now: context.now() });
  const { code, retryable } = verdictOnType(type, error) ?? byWords ?? verdictOfStatus(meaning);
  const affordable = meaning === 402 ? affordableTokens(message) : undefined;
  const finding = { code, status, message: asText(error.message) ?? '', isModelGone: byWords?.code === 'not-found' };
  const remedy = remedyOfRefusal(error, affordable) ?? remedyFor(finding, context.remedies);
  return new ApiError(code, withRemedy(message, remedy), {
    ...details,
    retryable,
    ...serversWord(error, context),
    ...(affordable !== undefined && { affordableTokens: affordable }),
  });
}

/** A good status says nothing about an error in its body. */
function failing(status: number | undefined): number | undefined {
  return status !== undefined && status >= 400 ? status : undefined;
}

/** "… but can only afford 30104." */
function affordableTokens(message: string): number | undefined {
  const [, figure] = /can only afford (\d+)/.exec(message) ?? [];
  return asCount(figure);
}

function rateLimited(
  error: Json,
  { message, now, ...details }: ErrorDetails & { readonly message: string; readonly now: number },
): RateLimitError {
  const source = asText(asObject(error.metadata)?.limit_source) ?? '';
  const isDaily = source.endsWith('_daily') || message.includes('per-day');
  const isQuota = isDaily || error.code === 'insufficient_quota' || error.type === 'insufficient_quota';
  const retryAt = details.retryAt ?? (isDaily ? nextMidnight(now) : undefined);
  return new RateLimitError(message, {
    ...details,
    ...(retryAt !== undefined && { retryAt }),
    ...(isQuota && { quota: true, retryable: false }),
  });
}

/** A day ends at midnight UTC. */
function nextMidnight(now: number): number {
  const dayMs = 86_400_000;
  return (Math.floor(now / dayMs) + 1) * dayMs;
}

function verdictOnType(type: string, error: Json): Verdict | undefined {
  if (/context_length|token_limit/.test(type)) return never('context-length');
  return /content_policy|refusal/.test(type) || asObject(error.metadata)?.reasons !== undefined
    ? never('content-filter')
    : undefined;
}

function serversWord(error: Json, { headers }: ErrorContext): { readonly retryable?: boolean } {
  const { retryable } = asObject(error.availability) ?? {};
  return { ...(typeof retryable === 'boolean' && { retryable }), ...shouldRetry(headers) };
}
