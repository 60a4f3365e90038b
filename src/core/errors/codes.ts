/**
 * The codes of all failures. The list is closed: any other failure is `internal`.
 * @see docs/errors.md
 */
export const ERROR_CODES = [
  'aborted',
  'authentication',
  'bad-request',
  'budget',
  'buffer-limit',
  'cannot-continue',
  'circuit-open',
  'configuration',
  'connection',
  'content-filter',
  'context-length',
  'dns',
  'empty-answer',
  'internal',
  'interrupted',
  'invalid-input',
  'invalid-object',
  'malformed-answer',
  'not-found',
  'overloaded',
  'payment-required',
  'permission',
  'protocol',
  'quota',
  'rate-limit',
  'redirect',
  'retry-exhausted',
  'server-error',
  'timeout',
  'tls',
  'truncated',
  'unavailable',
  'unexpected-content',
] as const;

/** The code of a failure. */
export type ErrorCode = (typeof ERROR_CODES)[number];
