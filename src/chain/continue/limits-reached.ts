import type { GenerationState } from '../../core/state.js';

export interface Allowance {
  /** Splices of one generation: `continuity.maxSegments`. */
  readonly maxSegments: number;
  /** Real requests of one generation: `limits.maxRequests`. */
  readonly maxRequests: number;
}

/** The limit that keeps a generation from continuing, if one is reached. */
export function limitsReached(
  { splices, requests }: Pick<GenerationState, 'splices' | 'requests'>,
  { maxSegments, maxRequests }: Allowance,
): string | undefined {
  if (splices >= maxSegments) return `there may be no more than ${maxSegments} splices (continuity.maxSegments)`;
  return requests >= maxRequests ? `there may be no more than ${maxRequests} requests (limits.maxRequests)` : undefined;
}
