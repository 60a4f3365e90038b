import { asCount, asList, asObject } from 'scriptorium/provider';
import type { Json, Reject, Usage } from 'scriptorium/provider';
import { costOf } from './price.js';
import type { AnthropicPrice } from './price.js';

type Count = number | 'wrong' | undefined;

/** The counts of tokens that the API bills, by its names. */
const COUNTS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'] as const;
type Counts = Readonly<Record<(typeof COUNTS)[number], Count>>;

/** Steps of an answer that the model's own prices hold for; others are of another model. */
const OWN_STEPS: ReadonlySet<unknown> = new Set(['message', 'compaction']);

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
    const counts = this.billed();
    const { input_tokens: input, output_tokens: output } = counts;
    const { cache_read_input_tokens: read, cache_creation_input_tokens: written } = counts;
    const thoughts = this.count('thinking_tokens', asObject(this.raw.output_tokens_details) ?? {});
    if (input === undefined && output === undefined) return undefined;
    const isSound = [input, output, read, written].every((count) => count !== 'wrong');
    const isFinal = source === 'reported' && isSound;
    const costUsd = isFinal ? this.costOf(counts) : undefined;
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

  /**
   * The counts that are billed. Where the API tells its steps one by one, the counts above them are without those that
   * have made the conversation shorter, and without those of another model that gave advice: all are billed.
   */
  private billed(): Counts {
    const steps = this.steps;
    const counted = COUNTS.map((name) => {
      const above = this.count(name, this.raw);
      const each = steps.map((step) => this.count(name, step));
      if (above === 'wrong' || each.includes('wrong')) return [name, 'wrong'];
      const given = each.filter((count) => typeof count === 'number');
      return [name, given.length === 0 ? above : Math.max(sumOf(given), above ?? 0)];
    });
    return Object.fromEntries(counted) as Counts;
  }

  private costOf(counts: Counts): number | undefined {
    const isOwn = this.steps.every(({ type }) => OWN_STEPS.has(type));
    if (this.price === undefined || !isOwn) return undefined;
    const hourly = this.steps.map(({ cache_creation: created }) => asObject(created)?.ephemeral_1h_input_tokens ?? 0);
    const { cache_creation: above } = this.raw;
    const created = {
      ephemeral_1h_input_tokens: hourly.some((count) => count !== 0)
        ? sumOf(hourly.map((count) => asCount(count) ?? 'wrong'))
        : asObject(above)?.ephemeral_1h_input_tokens,
    };
    return costOf({ ...this.raw, ...counts, cache_creation: created }, this.price);
  }

  private get steps(): readonly Json[] {
    return asList(this.raw.iterations)
      .map(asObject)
      .filter((step) => step !== undefined);
  }

  private count(name: string, counts: Json): Count {
    const value = counts[name];
    if (value == null) return undefined;
    const count = asCount(value);
    if (count === undefined) this.reject(name, value);
    return count ?? 'wrong';
  }
}

/** The sum, or 0 if one of its parts is wrong: then it is not known. */
function sumOf(parts: readonly Count[]): number {
  let sum = 0;
  for (const part of parts) {
    if (part === 'wrong') return 0;
    sum += part ?? 0;
  }
  return sum;
}
