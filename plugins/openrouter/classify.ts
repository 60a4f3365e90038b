import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import {
  asCount,
  asErrorText,
  asObject,
  asText,
  never,
  parseObject,
  shouldRetry,
  snippet,
  statusOf,
  unexpectedContent,
  verdictOfStatus,
  withRemedy,
} from 'scriptorium/provider';
import type { ErrorDetails, FailedAnswer, Json, Remedies, Verdict } from 'scriptorium/provider';
import { retryHint } from './hints.js';
import { statusOfType } from './status.js';

const LONGEST_CAUSE = 65_536;

/** What is known around an error object. */
export interface ErrorContext {
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

/** An answer with a failing status, or with a body that is none of OpenRouter's. */
export function classifyAnswer({ status, headers, body, now }: FailedAnswer, remedies: Remedies = {}): GenerationError {
  const envelope = parseObject(body);
  const context = { headers, status, remedies, now: () => now };
  if (envelope?.error !== undefined)
    return errorFromEnvelope(envelope.error, { ...context, type: asText(envelope.error_type) });
  if (status < 300) return unexpectedContent(body, status);
  return errorFromEnvelope({ message: body.trim().startsWith('<') ? 'an HTML page' : snippet(body) }, context);
}

/**
 * OpenRouter's error object, from a body, a stream or a choice. Whether to try again is decided from the server's own
 * word (`x-should-retry`, `availability.retryable`), then its error type, then the status.
 */
export function errorFromEnvelope(value: unknown, context: ErrorContext): GenerationError {
  const error = asObject(value) ?? { message: asErrorText(value) };
  const metadata = asObject(error.metadata);
  const type = asText(metadata?.error_type) ?? asText(error.error_type) ?? context.type ?? asText(error.type) ?? '';
  const status = statusOf(error) ?? statusOfType(type) ?? context.status ?? 502;
  const retryAt = retryHint(context.headers, error, context.now());
  const details = { status, ...(retryAt !== undefined && { retryAt }) };
  const message = `${describe(status)}: ${reason(error, metadata)}`;
  const meaning = statusOfType(type) ?? status;
  if (meaning === 429)
    return rateLimited(error, { ...details, ...serversWord(error, context), message, now: context.now() });
  const verdict = verdictOn(meaning, type, error);
  const affordable = meaning === 402 ? affordableTokens(message) : undefined;
  if (affordable !== undefined) {
    return new ApiError(
      verdict.code,
      withRemedy(message, `Ask for at most ${affordable} tokens with maxTokens, or add credit.`),
      { ...details, affordableTokens: affordable },
    );
  }
  return new ApiError(verdict.code, withRemedy(message, { ...REMEDIES, ...context.remedies }[verdict.code]), {
    ...details,
    retryable: verdict.retryable,
    ...serversWord(error, context),
  });
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

function verdictOn(status: number, type: string, error: Json): Verdict {
  if (/context_length|token_limit/.test(type) || /context length/i.test(asErrorText(error.message) ?? ''))
    return never('context-length');
  if (/content_policy|refusal/.test(type) || asObject(error.metadata)?.reasons !== undefined)
    return never('content-filter');
  if (
    asObject(error.availability)?.code === 'model_not_found' ||
    /not a valid model/i.test(asErrorText(error.message) ?? '')
  )
    return never('not-found');
  return verdictOfStatus(status);
}

function serversWord(error: Json, { headers }: ErrorContext): { readonly retryable?: boolean } {
  const { retryable } = asObject(error.availability) ?? {};
  return { ...(typeof retryable === 'boolean' && { retryable }), ...shouldRetry(headers) };
}

/** "Provider returned error" says nothing: the reason is further in. */
function reason(error: Json, metadata: Json | undefined): string {
  const message = asErrorText(error.message) ?? 'no reason given';
  const raw = metadata?.raw;
  const inner = typeof raw === 'string' ? (parsedCause(raw) ?? raw) : raw;
  const detail =
    typeof inner === 'string'
      ? asErrorText(inner)
      : (asErrorText(asObject(asObject(inner)?.error)?.message) ?? asErrorText(asObject(inner)?.message));
  const from = asErrorText(metadata?.provider_name);
  return (
    snippet(detail === undefined ? message : `${message}: ${detail}`) +
    (from === undefined ? '' : ` (from ${snippet(from)})`)
  );
}

/** An upstream vendor's error as JSON text. A longer one than errors are is not read. */
function parsedCause(raw: string): Json | undefined {
  return raw.length <= LONGEST_CAUSE ? parseObject(raw) : undefined;
}

function describe(status: number): string {
  return `OpenRouter answered ${status}`;
}

const REMEDIES: Remedies = {
  authentication: 'Check the key in OPENROUTER_API_KEY.',
  'payment-required': 'Add credit, or ask for fewer tokens with maxTokens.',
  'not-found': 'Check the name of the model.',
  'context-length': 'Shorten the prompt or take a model with a longer context.',
};
