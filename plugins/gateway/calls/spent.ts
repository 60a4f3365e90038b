import { sumCost } from 'scriptorium/plugin';
import type { AttemptRecord } from 'scriptorium/plugin';
import type { Spent } from './call.js';

/** The cost of no generation. */
export const NOTHING_SPENT: Spent = { usd: 0, tokens: 0 };

/** The cost of attempts. */
export function spentOn(attempts: readonly AttemptRecord[]): Spent {
  const { known, estimated } = sumCost(attempts.map(({ usage }) => usage));
  const tokens = attempts.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0);
  return { usd: known + estimated, tokens };
}
