/** The status that one of OpenRouter's error types stands for; it says more than the status that came with it. */
export function statusOfType(type: string): number | undefined {
  return STATUS_OF_TYPE.get(type);
}

const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ['invalid_request', 400],
  ['invalid_prompt', 400],
  ['authentication', 401],
  ['payment_required', 402],
  ['permission_denied', 403],
  ['not_found', 404],
  ['precondition_failed', 412],
  ['payload_too_large', 413],
  ['unprocessable', 422],
  ['rate_limit_exceeded', 429],
  ['server', 500],
  ['unmapped', 500],
  ['provider_unavailable', 502],
  ['provider_overloaded', 503],
  ['overloaded_error', 529],
  ['timeout', 504],
]);
