import { createHash } from 'node:crypto';
import type { GenerationRequest } from '../../core/request.js';

/**
 * A digest of everything in a request that its answer depends on: equal requests have equal keys, whatever their ids,
 * labels, deadlines and overrides. The provider's id stands for the account. Undefined if the request cannot be written as
 * JSON: such an answer cannot be kept.
 * @example
 * const key = answerKey(request);
 * const known = key === undefined ? undefined : answers.get(key);
 * @see docs/interceptors.md
 */
export function answerKey(request: GenerationRequest): string | undefined {
  const {
    id: _id,
    labels: _labels,
    overrides: _overrides,
    deadlineMs: _deadlineMs,
    signal: _signal,
    context: _context,
    wire: _wire,
    providerOptions,
    ...asked
  } = request;
  try {
    return createHash('sha256')
      .update(JSON.stringify(sorted(asSent({ ...asked, providerOptions: providerOptions[request.provider] }))))
      .digest('base64url');
  } catch {
    return undefined;
  }
}

/** The value as a provider writes it: dates, addresses and the like become texts, and what is left out is left out. */
function asSent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The same value with the keys of its objects in order, so that equal requests have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
