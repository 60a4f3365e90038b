import { picoDollars } from 'scriptorium/plugins/runs';
import type { ItemLease, ItemProgress, JournalAttempt, TextSource } from 'scriptorium/plugins/runs';
import { canonicalJson } from './canonical-json.js';
import type { Value } from './database.js';

/** A lease and its progress as the first six arguments of the functions of the schema. */
export function progressOf(
  { run, item, epoch }: ItemLease,
  { append = [], attempts = [] }: ItemProgress,
): readonly Value[] {
  const texts = append.map(({ text }) => Buffer.from(text));
  const pieces = append.map(({ at, source }, index) => ({
    at,
    bytes: texts[index]?.length ?? 0,
    source: sourceOf(source),
  }));
  return [run, item, epoch, Buffer.concat(texts), JSON.stringify(pieces), JSON.stringify(attempts.map(attemptOf))];
}

/** The attempt that has written a text, in the form in which digests have it. */
export function sourceOf({ generation, attempt, provider, model }: TextSource): string {
  return JSON.stringify([generation, attempt, provider, model]).slice(1, -1);
}

/** The parts of an attempt are kept as JSON, in the form in which digests have them. */
export function attemptOf({
  generation,
  attempt,
  provider,
  model,
  outcome,
  usage,
}: JournalAttempt): Readonly<Record<string, unknown>> {
  const { inputTokens, outputTokens, costUsd, estimatedCostUsd } = usage;
  const isEstimated = costUsd === undefined && estimatedCostUsd !== undefined;
  return {
    generation: JSON.stringify(generation),
    attempt,
    outcome,
    provider: JSON.stringify(provider),
    model: JSON.stringify(model),
    usage: canonicalJson(usage),
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    known: picoDollars(costUsd ?? 0),
    estimated: isEstimated ? picoDollars(estimatedCostUsd) : 0,
    unmeasured: costUsd === undefined && !isEstimated ? 1 : 0,
  };
}
