import type { AttemptStat, GenerationStat } from 'scriptorium';
import type { World } from '../../src/testing/simulation/world.js';

/** Milliseconds are sums of fractions. */
const ROUNDING_MS = 0.01;
const ROUNDING_USD = 1e-9;

/** Compares the stat of a generation with those of its attempts. */
export function checkBooks(world: World, whole: GenerationStat, attempts: readonly AttemptStat[]): void {
  const check = (holds: boolean, what: string): void =>
    world.check(holds, () => `${whole.generationId}: ${what}: ${JSON.stringify({ whole, attempts })}`);
  check(whole.attempts === attempts.length, 'its attempts are not those that ended');
  check(
    attempts.every(({ attempt }, index) => attempt === index + 1),
    'its attempts are not numbered from 1',
  );
  check(isSumOfUsages(whole, attempts), 'its usage is not the sum of its attempts');
  check(isSumOfCosts(whole, attempts), 'its cost is not the sum of its attempts');
  check(
    whole.queueMs + whole.backoffMs + sum(attempts, ({ latencyMs }) => latencyMs) <= whole.latencyMs + ROUNDING_MS,
    'its parts took longer than the whole',
  );
  for (const stat of [whole, ...attempts]) {
    const { outcome, errorCode, latencyMs, timeToFirstTokenMs = 0 } = stat;
    check(
      (outcome === 'error') === (errorCode !== undefined) || outcome === 'cancelled',
      `${outcome} and ${errorCode}`,
    );
    check(areSound(Object.values(stat.usage)), 'its usage has a number that cannot be true');
    check(timeToFirstTokenMs >= 0 && timeToFirstTokenMs <= latencyMs, 'its first token came after its end');
  }
  check(areSound(Object.values(whole.cost)), 'its cost has a number that cannot be true');
  check(whole.outcome !== 'error' || isSentence(whole.errorMessage), 'its error says nothing');
  for (const attempt of attempts) checkAttempt(attempt, check);
}

/** Checks one attempt. */
function checkAttempt(
  { outcome, sent, usage, responseId, errorCode }: AttemptStat,
  check: (holds: boolean, what: string) => void,
): void {
  const { source, inputTokens, outputTokens, costUsd } = usage;
  check(sent || responseId === undefined, 'an attempt has an answer, but was not sent');
  check(sent || (source === 'unmeasured' && costUsd === 0), 'an attempt was not sent, but is not free');
  check(!sent || source !== 'unmeasured' || costUsd !== 0, 'an attempt was sent, but is free');
  check(outcome !== 'success' || sent, 'an attempt succeeded without being sent');
  check(source !== 'estimated' || (inputTokens > 0 && outputTokens > 0), 'an estimate is 0');
  check(source !== 'unmeasured' || inputTokens + outputTokens === 0, 'an unmeasured attempt has tokens');
  check(errorCode !== 'circuit-open' && errorCode !== 'budget', 'an attempt began that was not admitted');
}

/** Whether all numbers are finite and at least 0. */
function areSound(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value !== 'number' || (Number.isFinite(value) && value >= 0));
}

function isSumOfUsages({ usage }: GenerationStat, attempts: readonly AttemptStat[]): boolean {
  const sources = new Set(attempts.map((attempt) => attempt.usage.source));
  const source = sources.has('estimated') ? 'estimated' : sources.has('reported') ? 'reported' : 'unmeasured';
  const counts = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'] as const;
  const dollars = ['costUsd', 'estimatedCostUsd'] as const;
  return (
    usage.source === source &&
    [...counts, ...dollars].every((key) => {
      const given = attempts.flatMap((attempt) => attempt.usage[key] ?? []);
      if (given.length === 0 && usage[key] === undefined) return true;
      return (
        (key === 'inputTokens' || key === 'outputTokens' || given.length > 0) &&
        isClose(
          usage[key],
          sum(given, (value) => value),
        )
      );
    })
  );
}

function isSumOfCosts({ cost }: GenerationStat, attempts: readonly AttemptStat[]): boolean {
  const usages = attempts.map(({ usage }) => usage);
  const unknown = usages.filter(({ costUsd }) => costUsd === undefined);
  return (
    isClose(
      cost.known,
      sum(usages, ({ costUsd = 0 }) => costUsd),
    ) &&
    isClose(
      cost.estimated,
      sum(unknown, ({ estimatedCostUsd = 0 }) => estimatedCostUsd),
    ) &&
    cost.unmeasuredAttempts === unknown.filter(({ estimatedCostUsd }) => estimatedCostUsd === undefined).length
  );
}

function isSentence(text: string | undefined): boolean {
  return text !== undefined && /^\S.{15,}/su.test(text);
}

function isClose(value: number | undefined, expected: number): boolean {
  return value !== undefined && Math.abs(value - expected) < ROUNDING_USD;
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((all, item) => all + amount(item), 0);
}
