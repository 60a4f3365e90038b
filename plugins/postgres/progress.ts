import { picoDollars } from 'scriptorium/plugins/runs';
import type { ItemLease, ItemProgress, JournalAttempt } from 'scriptorium/plugins/runs';
import { canonicalJson } from './canonical-json.js';
import type { Value } from './database.js';

/** A lease and its progress as the first six arguments of the functions of the schema. */
export function progressOf(
  { run, item, epoch }: ItemLease,
  { append = [], attempts = [] }: ItemProgress,
): readonly Value[] {
  const texts = append.map(({ text }) => Buffer.from(text));
  const pieces = append.map(({ at, source: { generation, attempt, provider, model } }, index) => ({
    at,
    bytes: texts[index]?.length ?? 0,
    source: JSON.stringify([generation, attempt, provider, model]).slice(1, -1),
  }));
  return [run, item, epoch, Buffer.concat(texts), JSON.stringify(pieces), JSON.stringify(attempts.map(attemptOf))];
}

/** The parts of an attempt are kept as JSON, in the form in which digests have them. */
function attemptOf({
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
