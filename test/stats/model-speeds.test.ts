import { describe, expect, it } from '@jest/globals';
import type { AttemptStat } from '../../src/core/stats.js';
import { modelSpeeds } from '../../src/stats/model-speeds.js';

function anAttempt(parts: Partial<AttemptStat> = {}): AttemptStat {
  return {
    type: 'attempt-end',
    generationId: 'g',
    labels: {},
    attempt: 1,
    provider: 'p',
    model: 'm',
    outcome: 'success',
    sent: true,
    startedAt: 0,
    latencyMs: 1_200,
    timeToFirstTokenMs: 200,
    usage: { inputTokens: 1, outputTokens: 100, source: 'reported' },
    ...parts,
  };
}

function speedAfter(...attempts: readonly Partial<AttemptStat>[]) {
  const speeds = modelSpeeds();
  for (const parts of attempts) speeds.record(anAttempt(parts));
  return speeds.of('p', 'm');
}

describe('the speeds of models', () => {
  it('are the time to the first token, and the tokens a second after it', () => {
    expect(speedAfter({})).toEqual({ tries: 1, timeToFirstTokenMs: 200, tokensPerSecond: 100 });
  });

  it('are medians, so that one slow answer says little', () => {
    expect(
      speedAfter({}, { timeToFirstTokenMs: 300, latencyMs: 1_300 }, { timeToFirstTokenMs: 60_000, latencyMs: 61_000 }),
    ).toMatchObject({ tries: 3, timeToFirstTokenMs: 300 });
  });

  it('forget what was before the last twenty answers', () => {
    const old = Array.from({ length: 30 }, () => ({ timeToFirstTokenMs: 900 }));
    const recent = Array.from({ length: 20 }, () => ({ timeToFirstTokenMs: 100 }));
    expect(speedAfter(...old, ...recent).timeToFirstTokenMs).toBe(100);
  });

  it('take an answer that came at once over its whole time', () => {
    expect(speedAfter({ latencyMs: 1_000, timeToFirstTokenMs: 999 }).tokensPerSecond).toBe(100);
  });

  it('count failures as tries without a measure', () => {
    expect(speedAfter({ outcome: 'error' })).toEqual({ tries: 1 });
  });

  it.each<[string, Partial<AttemptStat>]>([
    ['was cancelled', { outcome: 'cancelled' }],
    ['was never sent', { outcome: 'error', sent: false }],
  ])('say nothing of an attempt that %s', (_what, parts) => {
    expect(speedAfter(parts)).toEqual({ tries: 0 });
  });

  it('keep providers apart, and forget the models that were asked longest ago', () => {
    const speeds = modelSpeeds();
    speeds.record(anAttempt({ provider: 'p/m', model: 'x' }));
    expect(speeds.of('p', 'm/x').tries).toBe(0);
    for (let index = 0; index < 500; index += 1) speeds.record(anAttempt({ model: `m${index}` }));
    expect([speeds.of('p/m', 'x').tries, speeds.of('p', 'm0').tries, speeds.of('p', 'm499').tries]).toEqual([0, 1, 1]);
  });
});
