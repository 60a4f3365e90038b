import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Stat } from '../../src/core/stats.js';
import { sumCost, sumUsage, UNMEASURED } from '../../src/core/usage.js';
import type { Usage } from '../../src/core/usage.js';
import { UsageStats } from '../../src/stats/usage-stats.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { aGeneration, anAttempt } from './a-stat.js';
import { RUNS } from '../support/runs.js';

const outcome = fc.constantFrom('success', 'error', 'cancelled');
const usage: fc.Arbitrary<Usage> = fc.oneof(
  fc.record({
    inputTokens: fc.nat(9_999),
    outputTokens: fc.nat(9_999),
    costUsd: fc.nat(99_999).map((n) => n / 1e6),
    source: fc.constant('reported' as const),
  }),
  fc.record({ inputTokens: fc.nat(9_999), outputTokens: fc.nat(9_999), source: fc.constant('estimated' as const) }),
  fc.constant(UNMEASURED),
);
/** A generation and its attempts, as the chain records them. */
const generation = fc
  .record({ outcome, attempts: fc.array(usage, { maxLength: 4 }) })
  .map(({ outcome: end, attempts }): Stat[] => [
    ...attempts.map((each, index) => anAttempt({ attempt: index + 1, usage: each })),
    aGeneration({ outcome: end, attempts: attempts.length, usage: sumUsage(attempts), cost: sumCost(attempts) }),
  ]);

describe('the usage statistics', () => {
  it('count every generation once: requests are successful, failed or cancelled ones', () => {
    fc.assert(
      fc.property(fc.array(generation, { maxLength: 10 }), (generations) => {
        const stats = new UsageStats(new ManualClock());
        generations.flat().forEach((stat) => stats.record(stat));
        const { requests, successful, failed, cancelled, successRate } = stats.snapshot();
        expect(requests).toBe(generations.length);
        expect(successful + failed + cancelled).toBe(requests);
        expect(successRate).toBe(requests === 0 ? 1 : successful / requests);
      }),
      RUNS,
    );
  });

  it('are the sum over the attempts: tokens, dollars to the millionth, retries', () => {
    fc.assert(
      fc.property(fc.array(generation, { maxLength: 10 }), (generations) => {
        const stats = new UsageStats(new ManualClock());
        generations.flat().forEach((stat) => stats.record(stat));
        const { tokens, cost, attempts, retries } = stats.snapshot();
        const ended = generations.flat().filter((stat) => stat.type === 'attempt-end');
        const sum = sumUsage(ended.map((each) => each.usage));
        expect(tokens).toMatchObject({
          prompt: sum.inputTokens,
          completion: sum.outputTokens,
          total: sum.inputTokens + sum.outputTokens,
        });
        expect(Math.round(cost.known * 1e6)).toBe(
          ended.reduce((total, each) => total + Math.round((each.usage.costUsd ?? 0) * 1e6), 0),
        );
        expect(cost.unmeasuredAttempts).toBe(ended.filter((each) => each.usage.costUsd === undefined).length);
        expect([attempts, retries]).toEqual([ended.length, ended.filter(({ attempt }) => attempt > 1).length]);
      }),
      RUNS,
    );
  });

  it('show the present totals to a late subscriber and then those after every generation, until they are closed', async () => {
    const stats = new UsageStats(new ManualClock());
    stats.record(aGeneration());
    const seen: (number | string)[] = [];
    stats.snapshots$.subscribe({ next: ({ requests }) => seen.push(requests), complete: () => seen.push('complete') });
    stats.record(aGeneration({ outcome: 'error' }));
    await stats.close();
    expect(seen).toEqual([1, 2, 'complete']);
  });

  it('are not touched by what a vendor reports of an attempt from before a reset', () => {
    const clock = new ManualClock();
    const stats = new UsageStats(clock);
    const replaces = { inputTokens: 1, outputTokens: 60, source: 'estimated' } as const;
    stats.record(anAttempt({ startedAt: clock.now(), latencyMs: 10, outcome: 'error', usage: replaces }));
    clock.advance(1_000);
    stats.reset();
    const empty = stats.snapshot();
    stats.record({
      type: 'attempt-reconciled',
      generationId: 'generation-1',
      labels: {},
      attempt: 1,
      provider: 'fake',
      model: 'a-model',
      responseId: 'r',
      endedAt: clock.now() - 990,
      replaces,
      usage: { inputTokens: 1, outputTokens: 2, source: 'reported' },
    });
    expect(stats.snapshot()).toEqual(empty);
  });

  it('begin anew at a reset, with their start time', () => {
    const clock = new ManualClock(Date.UTC(2026, 4, 1));
    const stats = new UsageStats(clock);
    stats.record(aGeneration());
    expect(stats.snapshot()).toMatchObject({ requests: 1, startTime: '2026-05-01T00:00:00.000Z' });
    clock.advance(60_000);
    stats.reset();
    expect(stats.snapshot()).toMatchObject({ requests: 0, successRate: 1, startTime: '2026-05-01T00:01:00.000Z' });
  });
});
