import { describe, expect, it } from '@jest/globals';
import type { AttemptStat, Stat } from '../../src/core/stats.js';
import type { Usage } from '../../src/core/usage.js';
import { Reconciler } from '../../src/stats/reconciler.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const ESTIMATE: Usage = { inputTokens: 10, outputTokens: 20, source: 'estimated' };
const REPORTED: Usage = { inputTokens: 11, outputTokens: 25, costUsd: 0.5, source: 'reported' };

function anAttempt(parts: Partial<AttemptStat> = {}): AttemptStat {
  return {
    type: 'attempt-end',
    generationId: 'g-1',
    labels: { book: 'ada' },
    attempt: 2,
    provider: 'p',
    model: 'm',
    outcome: 'error',
    startedAt: 0,
    latencyMs: 5,
    sent: true,
    usage: ESTIMATE,
    responseId: 'r-1',
    ...parts,
  };
}

/** A vendor that answers each question with the next of these, the last one again and again. */
function aReconciler(...answers: readonly (() => Promise<Usage | undefined>)[]) {
  const clock = new ManualClock();
  const [recorded, asked]: [Stat[], (string | undefined)[]] = [[], []];
  const ask = ({ responseId }: AttemptStat): Promise<Usage | undefined> => {
    asked.push(responseId);
    return answers[Math.min(asked.length, answers.length) - 1]!();
  };
  const reconciler = new Reconciler({ clock, record: (stat) => recorded.push(stat), ask });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reconciler, clock, recorded, asked, pass };
}

const knows = () => Promise.resolve(REPORTED);
const knowsNothing = () => Promise.resolve(undefined);
const fails = () => Promise.reject(new Error('no network'));

describe('a Reconciler', () => {
  it('keeps the estimated tokens if only the cost of a report can be true', async () => {
    const { reconciler, recorded, pass } = aReconciler(() =>
      Promise.resolve({ inputTokens: 0, outputTokens: 0, costUsd: 0.5, source: 'estimated' }),
    );
    reconciler.record(anAttempt({ usage: { ...ESTIMATE, estimatedCostUsd: 0.4 } }));
    await pass(1_000);
    expect(recorded).toMatchObject([{ usage: { inputTokens: 10, outputTokens: 20, costUsd: 0.5 } }]);
    expect(recorded).not.toMatchObject([{ usage: { estimatedCostUsd: expect.anything() } }]);
  });

  it('asks again if no number of a report can be true', async () => {
    const { reconciler, recorded, asked, pass } = aReconciler(
      () => Promise.resolve({ inputTokens: 0, outputTokens: 0, source: 'unmeasured' }),
      knows,
    );
    reconciler.record(anAttempt());
    await pass(1_000);
    expect(recorded).toEqual([]);
    await pass(2_000);
    expect({ asked: asked.length, recorded: recorded.length }).toEqual({ asked: 2, recorded: 1 });
  });

  it('asks after a second, and records the answer in the place of the estimate', async () => {
    const { reconciler, clock, recorded, asked, pass } = aReconciler(knows);
    reconciler.record(anAttempt());
    await pass(999);
    expect(asked).toEqual([]);
    await pass(1);
    expect(recorded).toEqual([
      {
        type: 'attempt-reconciled',
        generationId: 'g-1',
        labels: { book: 'ada' },
        attempt: 2,
        provider: 'p',
        model: 'm',
        responseId: 'r-1',
        endedAt: 5,
        usage: REPORTED,
        replaces: ESTIMATE,
      },
    ]);
    await pass(100_000);
    expect([asked.length, recorded.length, clock.pending]).toEqual([1, 1, 0]);
  });

  it('asks again, less and less often, and gives up in the end', async () => {
    const { reconciler, recorded, asked, pass, clock } = aReconciler(fails, knowsNothing);
    reconciler.record(anAttempt());
    const times: number[] = [];
    for (let second = 1; second <= 100; second += 1) {
      const before = asked.length;
      await pass(1_000);
      if (asked.length > before) times.push(second);
    }
    expect([times, recorded, clock.pending]).toEqual([[1, 3, 7, 15, 31, 63], [], 0]);
  });

  it.each<[string, Partial<AttemptStat>]>([
    ['was whole', { outcome: 'success' }],
    ['was never sent', { sent: false }],
    ['has been reported', { usage: REPORTED }],
  ])('does not ask about an attempt that %s', (_what, parts) => {
    const { reconciler, clock } = aReconciler(knows);
    reconciler.record(anAttempt(parts));
    expect(clock.pending).toBe(0);
  });

  it('does not ask about an attempt that has no id', () => {
    const { reconciler, clock } = aReconciler(knows);
    const { responseId: _none, ...rest } = anAttempt();
    reconciler.record(rest);
    expect(clock.pending).toBe(0);
  });

  it('asks about one that was cancelled, or of which nothing is known', async () => {
    const { reconciler, recorded, pass } = aReconciler(knows);
    reconciler.record(anAttempt({ outcome: 'cancelled' }));
    reconciler.record(anAttempt({ usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' } }));
    await pass(1_000);
    expect(recorded).toHaveLength(2);
  });

  it('asks at once when it is flushed, and leaves no timer', async () => {
    const { reconciler, recorded, asked, clock } = aReconciler(knows, fails);
    reconciler.record(anAttempt());
    reconciler.record(anAttempt({ responseId: 'r-2' }));
    await reconciler.flush();
    expect([asked, recorded.length, clock.pending]).toEqual([['r-1', 'r-2'], 1, 0]);
  });

  it('forgets all when it is closed', async () => {
    const { reconciler, asked, pass, clock } = aReconciler(knows);
    reconciler.record(anAttempt());
    await reconciler.close();
    await pass(100_000);
    expect([asked, clock.pending]).toEqual([[], 0]);
  });

  it('records an answer once, though it is flushed while it waits for it', async () => {
    const pending: ((usage: Usage) => void)[] = [];
    const { reconciler, recorded, clock } = aReconciler(
      () =>
        new Promise((resolve) => {
          pending.push(resolve);
        }),
    );
    reconciler.record(anAttempt());
    clock.advance(1_000);
    const flushed = reconciler.flush();
    await new Promise((resolve) => setImmediate(resolve));
    pending.forEach((answer) => answer(REPORTED));
    await flushed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(recorded).toHaveLength(1);
  });
});
