import { asCount, asObject } from 'scriptorium/provider';
import type { Json, Reject, Usage } from 'scriptorium/provider';
import { costOf } from './price.js';
import type { AnthropicPrice } from './price.js';

/**
 * Keeps what the API has counted so far. Its counts are cumulative: the last one of each counts, and one that is not there
 * again holds. What a cache gave or took stands apart from the input there; here it is a part of it.
 */
export class UsageCount {
  private raw: Json = {};

  /**
   * @param price if it is undefined, the cost is not known
   * @param reject called with each number that cannot be true
   */
  constructor(
    private readonly price: AnthropicPrice | undefined,
    private readonly reject: Reject,
  ) {}

  take(usage: unknown): void {
    const told = Object.entries(asObject(usage) ?? {}).filter(([, value]) => value != null);
    this.raw = { ...this.raw, ...Object.fromEntries(told) };
  }

  /** As the API has it; undefined if it has told none. */
  get inItsShape(): Json | undefined {
    return Object.keys(this.raw).length > 0 ? this.raw : undefined;
  }

  /** @param source `estimated` while the answer goes on: the output is then counted only up to somewhere, and there is no cost yet */
  soFar(source: 'reported' | 'estimated'): Usage | undefined {
    const { raw } = this;
    const [input, output] = [this.count('input_tokens'), this.count('output_tokens')];
    const [read, written] = [this.count('cache_read_input_tokens'), this.count('cache_creation_input_tokens')];
    const thoughts = this.count('thinking_tokens', asObject(raw.output_tokens_details) ?? {});
    if (input === undefined && output === undefined) return undefined;
    const isSound = [input, output, read, written].every((count) => count !== 'wrong');
    const isFinal = source === 'reported' && isSound;
    const costUsd = this.price === undefined || !isFinal ? undefined : costOf(raw, this.price);
    return {
      inputTokens: sumOf([input, read, written]),
      outputTokens: typeof output === 'number' ? output : 0,
      ...(typeof read === 'number' && { cachedInputTokens: read }),
      ...(typeof written === 'number' && { cacheWriteTokens: written }),
      ...(typeof thoughts === 'number' && { reasoningTokens: thoughts }),
      ...(costUsd !== undefined && { costUsd }),
      source: !isSound ? 'rejected' : isFinal ? 'reported' : 'estimated',
    };
  }

  private count(name: string, counts = this.raw): number | 'wrong' | undefined {
    const value = counts[name];
    if (value == null) return undefined;
    const count = asCount(value);
    if (count === undefined) this.reject(name, value);
    return count ?? 'wrong';
  }
}

/** The sum, or 0 if one of its parts is wrong: then it is not known. */
function sumOf(parts: readonly (number | 'wrong' | undefined)[]): number {
  let sum = 0;
  for (const part of parts) {
    if (part === 'wrong') return 0;
    sum += part ?? 0;
  }
  return sum;
}
