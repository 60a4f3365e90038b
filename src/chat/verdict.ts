import type { ErrorCode } from '../core/errors/codes.js';
import { asNumber } from '../core/outside/numbers.js';
import type { WireResponse } from '../core/transport.js';
import type { Json } from './json.js';

/** Classifies a failure: its code, and whether the same request may succeed later. */
export interface Verdict {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

/** A verdict that is not retryable. */
export function never(code: ErrorCode): Verdict {
  return { code, retryable: false };
}

/** Classifies a failing status without further information. Does not distinguish the kinds of 429. */
export function verdictOfStatus(status: number): Verdict {
  switch (status) {
    case 401:
      return never('authentication');
    case 402:
      return never('payment-required');
    case 403:
      return never('permission');
    case 404:
    case 410:
      return never('not-found');
    case 413:
      return never('context-length');
    case 408:
    case 409:
    case 425:
      return { code: 'server-error', retryable: true };
    case 503:
    case 529:
      return { code: 'overloaded', retryable: true };
    case 501:
    case 505:
      return never('server-error');
  }
  return status >= 500 ? { code: 'server-error', retryable: true } : never('bad-request');
}

/** The HTTP status that an error object names. Vendor-specific numbers, such as 20015, are ignored. */
export function statusOf(error: Json): number | undefined {
  return [error.code, error.http_status, error.status, error.status_code, error.statusCode]
    .map(asNumber)
    .find((status) => status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599);
}

/** The server's retry hint (`x-should-retry`), if present. It overrides every table. */
export function shouldRetry(headers: WireResponse['headers']): { readonly retryable?: boolean } {
  const header = headers.get('x-should-retry');
  return header === 'true' || header === 'false' ? { retryable: header === 'true' } : {};
}
