import { asNumber, asObject } from 'scriptorium/provider';
import type { Json, Usage } from 'scriptorium/provider';
import { costOf } from './price.js';
import type { AnthropicPrice } from './price.js';

/**
 * Keeps what the API has counted so far. Its counts are cumulative: the last one of each counts, and one that is not there
 * again holds. What a cache gave or took stands apart from the input there; here it is a part of it.
 */
export class UsageCount {
  private raw: Json = {};

  /** @param price undefined where nobody has told it: the cost is then unknown */
  constructor(private readonly price: AnthropicPrice | undefined) {}

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
    const [input, output, read, written] = [
      raw.input_tokens,
      raw.output_tokens,
      raw.cache_read_input_tokens,
      raw.cache_creation_input_tokens,
    ].map(asNumber);
    const reasoningTokens = asNumber(asObject(raw.output_tokens_details)?.thinking_tokens);
    if (input === undefined && output === undefined) return undefined;
    const costUsd = this.price === undefined || source === 'estimated' ? undefined : costOf(raw, this.price);
    return {
      inputTokens: (input ?? 0) + (read ?? 0) + (written ?? 0),
      outputTokens: output ?? 0,
      ...(read !== undefined && { cachedInputTokens: read }),
      ...(written !== undefined && { cacheWriteTokens: written }),
      ...(reasoningTokens !== undefined && { reasoningTokens }),
      ...(costUsd !== undefined && { costUsd }),
      source,
    };
  }
}
