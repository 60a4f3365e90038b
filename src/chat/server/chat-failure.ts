import type { ErrorCode } from '../../core/errors/codes.js';
import { GenerationError } from '../../core/errors/generation-error.js';

/**
 * The form of the chat protocol: that of its author, or that of services which pass requests on to many vendors. The second
 * has the status as the code of errors, and always a `usage` at the end of a stream.
 */
export type ChatDialect = 'openai' | 'aggregator';

/** A failure as an answer over HTTP. */
export interface ChatFailure {
  readonly status: number;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
  /** Whole seconds until the request may succeed, for the header `retry-after`. */
  readonly retryAfterS?: number;
}

/** The status of failures that bring none of their own. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  aborted: 503,
  authentication: 401,
  'bad-request': 400,
  budget: 402,
  'buffer-limit': 502,
  'cannot-continue': 502,
  'circuit-open': 503,
  configuration: 500,
  connection: 502,
  'content-filter': 403,
  'context-length': 400,
  dns: 502,
  'empty-answer': 502,
  internal: 500,
  interrupted: 502,
  'invalid-input': 400,
  'invalid-object': 502,
  'malformed-answer': 502,
  'not-found': 404,
  overloaded: 503,
  'payment-required': 402,
  permission: 403,
  protocol: 502,
  quota: 429,
  'rate-limit': 429,
  redirect: 502,
  'retry-exhausted': 502,
  'server-error': 502,
  timeout: 504,
  tls: 502,
  truncated: 502,
  unavailable: 503,
  'unexpected-content': 502,
};

/** The kinds of errors that OpenAI's clients know. */
function typeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 402:
      return 'insufficient_quota';
    case 403:
      return 'permission_error';
    case 429:
      return 'rate_limit_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'server_error';
  }
}

/**
 * Writes a failure as the chat protocol has it: a status, and an object `error` whose `code` is the status in an
 * aggregator's dialect, and a word in OpenAI's. An error that is no `GenerationError` shows nothing of itself.
 * @param now epoch milliseconds
 */
export function chatFailure(
  error: unknown,
  { dialect, now }: { readonly dialect: ChatDialect; readonly now: number },
): ChatFailure {
  const known = GenerationError.is(error)
    ? error
    : new GenerationError('internal', 'The request failed for an unknown reason.');
  const status = statusOf(known);
  const code = known.code.replaceAll('-', '_');
  const retryAfterS = known.retryAt === undefined ? undefined : Math.max(1, Math.ceil((known.retryAt - now) / 1_000));
  return {
    status,
    body: {
      error: {
        message: known.message,
        type: typeOf(status),
        param: null,
        ...(dialect === 'openai'
          ? { code }
          : { code: status, metadata: { error_type: code, provider_name: known.provider } }),
      },
    },
    ...(retryAfterS !== undefined && { retryAfterS }),
  };
}

/** Of several tries, the last one's failure says what went wrong. */
function statusOf(error: GenerationError): number {
  const { code, status, cause } = error;
  if (code === 'retry-exhausted' && status === undefined && GenerationError.is(cause)) return statusOf(cause);
  if (status !== undefined && status >= 400 && status <= 599) return status;
  return isQueueTimeout(error) ? STATUS['rate-limit'] : STATUS[code];
}

/** Whether limits or budgets had no room in time: nothing was sent, and the same request may fit later. */
function isQueueTimeout(error: GenerationError): boolean {
  return error.code === 'timeout' && 'timer' in error && error.timer === 'queue';
}
