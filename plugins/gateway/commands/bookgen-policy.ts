import type { Policy } from '../access/policy.js';

/**
 * The policy for BookGen, which gives up after 7 s of refusals but reads for 300 s, sends a chapter that timed out up to
 * 4 times, caps it at less than its text needs, and never reads the finish reason.
 */
export const BOOKGEN_POLICY: Policy = {
  keepAliveJson: true,
  maxWaitMs: 280_000,
  reattachMs: 900_000,
  maxTokens: { means: 'segment', factor: 3 },
  continuity: { onLength: 'continue' },
};
