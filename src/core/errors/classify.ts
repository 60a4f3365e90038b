import { cutText, LONGEST_ERROR_TEXT } from '../outside/text.js';
import type { ErrorCode } from './codes.js';
import { GenerationError } from './generation-error.js';
import type { ErrorDetails } from './generation-error.js';

/**
 * Converts any thrown value to a `GenerationError`. A `GenerationError` is returned unchanged. Node's network errors get
 * their code. Everything else is `internal`: a bug in a program, which is never retried.
 * @param details added to a converted error, such as `provider` and `model`
 * @example
 * ```ts
 * return next(request).pipe(
 *   catchError((error: unknown) => throwError(() => toGenerationError(error, { provider: request.provider }))),
 * );
 * ```
 * @see docs/errors.md
 */
export function toGenerationError(error: unknown, details: ErrorDetails = {}): GenerationError {
  if (GenerationError.is(error)) return error;
  const systemCode = systemCodeOf(error);
  const verdict = systemCode === undefined ? undefined : verdictOn(systemCode);
  const message = reasonOf(error);
  if (verdict === undefined)
    return new GenerationError('internal', `Unexpected failure: ${message}`, { ...details, cause: error });
  const { code, ...rest } = verdict;
  return new GenerationError(
    code,
    `${EXPLANATIONS[code] ?? 'The connection failed'} (${systemCode ?? ''}): ${message}`,
    { ...rest, ...details, cause: error },
  );
}

type Verdict = ErrorDetails & { readonly code: ErrorCode };

const EXPLANATIONS: Partial<Record<ErrorCode, string>> = {
  dns: 'Cannot resolve the host name; check the base URL',
  tls: "Cannot establish a secure connection; check the certificate of the base URL's host",
  protocol: "The server's answer is not valid HTTP",
  truncated: 'The compressed answer ended too early',
};

/**
 * Classifies codes of Node and OpenSSL. Sources: Node's `errors` and `dns` documentation, llhttp's `HPE_*`,
 * `X509_verify_cert_error_string`.
 */
function verdictOn(systemCode: string): Verdict | undefined {
  switch (systemCode) {
    case 'ECONNREFUSED':
      return { code: 'connection', retryable: true, neverSent: true };
    case 'EAI_AGAIN':
      return { code: 'dns', retryable: true, neverSent: true };
    case 'ENOTFOUND':
      return { code: 'dns', retryable: true, retryLimit: 1 };
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'protocol' };
    case 'Z_BUF_ERROR':
      return { code: 'truncated', retryable: true };
  }
  // Codes of zlib and Brotli: the body does not match its Content-Encoding.
  if (/^(Z_|ERR_BROTLI|ERR__ERROR_)/.test(systemCode)) return { code: 'protocol', retryable: true };
  if (systemCode.startsWith('HPE_')) return { code: 'protocol', retryable: true, retryLimit: 1 };
  if (/CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|UNABLE_TO|SELF_SIGNED/.test(systemCode)) return { code: 'tls' };
  if (CONNECTION_CODES.has(systemCode)) return { code: 'connection', retryable: true };
  return undefined;
}

const CONNECTION_CODES = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ESOCKETTIMEDOUT',
  'ERR_SOCKET_CLOSED',
]);

function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Returns the message of any thrown value, cut to 2 KB. Never throws. */
export function reasonOf(error: unknown): string {
  try {
    return cutText(String(error instanceof Error ? error.message : error), LONGEST_ERROR_TEXT);
  } catch {
    return 'a value that cannot be printed';
  }
}
