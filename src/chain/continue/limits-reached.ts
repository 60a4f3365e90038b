import type { GenerationState } from '../../core/state.js';

export interface Allowance {
  /** Joints of one generation: `continuity.maxSegments`. */
  readonly maxSegments: number;
  /** Real requests of one generation: `limits.maxRequests`. */
  readonly maxRequests: number;
}

/** Why a generation may not go on any further, if it may not. */
export function limitsReached(
  { splices, requests }: Pick<GenerationState, 'splices' | 'requests'>,
  { maxSegments, maxRequests }: Allowance,
): string | undefined {
  if (splices >= maxSegments) return `there may be no more than ${maxSegments} splices (continuity.maxSegments)`;
  return requests >= maxRequests ? `there may be no more than ${maxRequests} requests (limits.maxRequests)` : undefined;
}
