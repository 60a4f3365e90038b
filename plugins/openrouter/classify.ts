import { ApiError, asObject, asText, GenerationError, parseObject, RateLimitError } from 'scriptorium/plugin';
import type { ErrorCode, ErrorDetails, FailedAnswer, Json } from 'scriptorium/plugin';
import { retryHint } from './hints.js';
import { statusOf, statusOfType } from './status.js';

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

/** A sentence for each code. */
export type Remedies = Partial<Record<ErrorCode, string>>;

const SNIPPET_LENGTH = 200;

/** An answer with a failing status, or with a body that is none of OpenRouter's. */
export function classifyAnswer({ status, headers, body, now }: FailedAnswer, remedies: Remedies = {}): GenerationError {
  const envelope = parseObject(body);
  const context = { headers, status, remedies, now: () => now };
  if (envelope?.error !== undefined) return errorFromEnvelope(envelope.error, { ...context, type: asText(envelope.error_type) });
  if (status < 300) return notOpenRouter(body, status);
  return errorFromEnvelope({ message: body.trim().startsWith('<') ? 'an HTML page' : snippet(body) }, context);
}

/**
 * OpenRouter's error object, from a body, a stream or a choice. Whether to try again is decided from the server's own
 * word (`x-should-retry`, `availability.retryable`), then its error type, then the status.
 */
export function errorFromEnvelope(value: unknown, context: ErrorContext): GenerationError {
  const error = asObject(value) ?? { message: asText(value) };
  const metadata = asObject(error.metadata);
  const type = asText(metadata?.error_type) ?? asText(error.error_type) ?? context.type ?? asText(error.type) ?? '';
  const status = statusOf(error) ?? statusOfType(type) ?? context.status ?? 502;
  const retryAt = retryHint(context.headers, error, context.now());
  const details = { status, ...(retryAt !== undefined && { retryAt }) };
  const message = `${describe(status)}: ${reason(error, metadata)}`;
  const meaning = statusOfType(type) ?? status;
  if (meaning === 429) return rateLimited(error, { ...details, ...serversWord(error, context), message, now: context.now() });
  const verdict = verdictOn(meaning, type, error);
  const affordable = meaning === 402 ? affordableTokens(message) : undefined;
  if (affordable !== undefined) {
    return new ApiError(verdict.code, withRemedy(message, `Ask for at most ${affordable} tokens with maxTokens, or add credit.`), { ...details, affordableTokens: affordable });
  }
  return new ApiError(verdict.code, withRemedy(message, { ...REMEDIES, ...context.remedies }[verdict.code]), { ...details, retryable: verdict.retryable, ...serversWord(error, context) });
}

/** "… but can only afford 30104." */
function affordableTokens(message: string): number | undefined {
  const [, figure] = /can only afford (\d+)/.exec(message) ?? [];
  return figure === undefined ? undefined : Number(figure);
}

function rateLimited(error: Json, { message, now, ...details }: ErrorDetails & { readonly message: string; readonly now: number }): RateLimitError {
  const source = asText(asObject(error.metadata)?.limit_source) ?? '';
  const isDaily = source.endsWith('_daily') || message.includes('per-day');
  const isQuota = isDaily || error.code === 'insufficient_quota' || error.type === 'insufficient_quota';
  const retryAt = details.retryAt ?? (isDaily ? nextMidnight(now) : undefined);
  return new RateLimitError(message, { ...details, ...(retryAt !== undefined && { retryAt }), ...(isQuota && { quota: true, retryable: false }) });
}

/** A day ends at midnight UTC. */
function nextMidnight(now: number): number {
  const dayMs = 86_400_000;
  return (Math.floor(now / dayMs) + 1) * dayMs;
}

interface Verdict {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

function verdictOn(status: number, type: string, error: Json): Verdict {
  const never = (code: ErrorCode): Verdict => ({ code, retryable: false });
  if (/context_length|token_limit/.test(type) || /context length/i.test(asText(error.message) ?? '')) return never('context-length');
  if (/content_policy|refusal/.test(type) || asObject(error.metadata)?.reasons !== undefined) return never('content-filter');
  if (asObject(error.availability)?.code === 'model_not_found' || /not a valid model/i.test(asText(error.message) ?? '')) return never('not-found');
  switch (status) {
    case 401: return never('authentication');
    case 402: return never('payment-required');
    case 403: return never('permission');
    case 404: return never('not-found');
    case 413: return never('context-length');
    case 408: case 409: case 425: return { code: 'server-error', retryable: true };
    case 503: case 529: return { code: 'overloaded', retryable: true };
    case 501: case 505: return never('server-error');
  }
  return status >= 500 ? { code: 'server-error', retryable: true } : never('bad-request');
}

function serversWord(error: Json, { headers }: ErrorContext): { retryable?: boolean } {
  const header = headers.get('x-should-retry');
  if (header === 'true' || header === 'false') return { retryable: header === 'true' };
  const { retryable } = asObject(error.availability) ?? {};
  return typeof retryable === 'boolean' ? { retryable } : {};
}

/** "Provider returned error" says nothing: the reason is further in. */
function reason(error: Json, metadata: Json | undefined): string {
  const message = asText(error.message) ?? 'no reason given';
  const raw = metadata?.raw;
  const inner = typeof raw === 'string' ? (parseObject(raw) ?? raw) : raw;
  const detail = typeof inner === 'string' ? inner : (asText(asObject(asObject(inner)?.error)?.message) ?? asText(asObject(inner)?.message));
  const from = asText(metadata?.provider_name);
  return snippet(detail === undefined ? message : `${message}: ${detail}`) + (from === undefined ? '' : ` (from ${from})`);
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

/** The vendor's words may or may not end in a full stop. */
function withRemedy(message: string, remedy: string | undefined): string {
  return remedy === undefined ? message : `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${remedy}`;
}

function notOpenRouter(body: string, status: number): GenerationError {
  const message = `The server answered ${status} with something that is no answer of a model: "${snippet(body)}". Is a proxy or a login page in the way?`;
  return new GenerationError('unexpected-content', message, { status, retryable: true, retryLimit: 1 });
}

function snippet(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SNIPPET_LENGTH ? `${line.slice(0, SNIPPET_LENGTH)}…` : line;
}
