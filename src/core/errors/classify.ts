import type { ErrorCode } from './codes.js';
import { GenerationError } from './generation-error.js';
import type { ErrorDetails } from './generation-error.js';

/**
 * The one door for foreign errors. A `GenerationError` passes as it is; Node's network errors get their code; all
 * others are `internal`: a mistake in a program, never retried.
 */
export function toGenerationError(error: unknown, details: ErrorDetails = {}): GenerationError {
  if (GenerationError.is(error)) return error;
  const systemCode = systemCodeOf(error);
  const verdict = systemCode === undefined ? undefined : verdictOn(systemCode);
  const message = error instanceof Error ? error.message : String(error);
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
  dns: 'The host name could not be resolved',
  tls: "No secure connection could be made; check the certificate of the base URL's host",
  protocol: 'The server does not speak proper HTTP',
  truncated: 'The compressed answer ended too early',
};

/** Node's and OpenSSL's codes. Sources: Node's `errors` and `dns` documentation, llhttp's `HPE_*`, `X509_verify_cert_error_string`. */
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
  // zlib's and Brotli's: what came is not what the Content-Encoding promised.
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

/** What a thrown value says, whatever it is. Never throws. */
export function reasonOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something that cannot be told';
  }
}
