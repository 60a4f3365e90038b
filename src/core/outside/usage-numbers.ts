import type { Usage } from '../usage.js';
import { asCount, asDollars } from './numbers.js';
import type { Reject } from './wrong-numbers.js';

/** The numbers of a usage as a vendor sent them: numbers, texts, or anything else. */
export type SentNumbers = { readonly [Name in Exclude<keyof Usage, 'source' | 'estimatedCostUsd'>]?: unknown };

/**
 * Reads the numbers of a usage. One that cannot be true counts as not given. Without both token counts and the cost there is
 * no usage; without one of the counts it is only estimated, and a 0 means that the count is not known. If one of the counts
 * cannot be true, the usage is `rejected`.
 * @param reject called with each number that cannot be true
 */
export function numbersOf(sent: SentNumbers, reject?: Reject): Usage | undefined {
  const rejected = new Set<string>();
  const read = (name: keyof SentNumbers): number | undefined => {
    const value = sent[name];
    const number = name === 'costUsd' ? asDollars(value) : asCount(value);
    if (number === undefined && value != null) {
      rejected.add(name);
      reject?.(name, value);
    }
    return number;
  };
  const [inputTokens, outputTokens, costUsd] = [read('inputTokens'), read('outputTokens'), read('costUsd')];
  const [cachedInputTokens, cacheWriteTokens, reasoningTokens] = [
    read('cachedInputTokens'),
    read('cacheWriteTokens'),
    read('reasoningTokens'),
  ];
  const isRejected = rejected.has('inputTokens') || rejected.has('outputTokens');
  if (!isRejected && inputTokens === undefined && outputTokens === undefined && costUsd === undefined) return undefined;
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(costUsd !== undefined && { costUsd }),
    source: isRejected
      ? 'rejected'
      : inputTokens === undefined || outputTokens === undefined
        ? 'estimated'
        : 'reported',
  };
}
