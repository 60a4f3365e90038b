import { describe, expect, it } from '@jest/globals';
import type { Question } from '../../../src/assembly/parts/fence.js';
import { brokenLogger } from '../../chain/observe/memory-logger.js';
import { flushed } from '../../support/flushed.js';
import { aFence, garbage, HANGS, REJECTS, THROWS } from './a-fence.js';

const isNumber = (value: unknown): boolean => typeof value === 'number';
const asking = (ask: Question<number>['ask'], parts: Partial<Question<number>> = {}): Question<number> => ({
  ask,
  isAnswer: isNumber,
  otherwise: () => -1,
  ...parts,
});

describe('a decision behind a fence', () => {
  it('is the answer of the part: at once if the part answers at once, later if it does not', async () => {
    const { fence, clock, logger } = aFence();
    expect(fence.decide(asking(() => 7))).toBe(7);
    const later = fence.decide(asking(() => Promise.resolve(8)));
    expect(later).toBeInstanceOf(Promise);
    expect([await later, clock.pending, logger.lines.length]).toEqual([8, 0, 0]);
    expect(fence.counts).toEqual({ name: 'limits', answered: 2, failed: 0, late: 0 });
  });

  it.each<[string, Question<number>['ask'], string]>([
    ['throws', THROWS, 'no route to [secret]'],
    ['rejects', REJECTS, 'no route to [secret]'],
    ['answers with garbage', () => garbage<number>('seven'), 'its answer has the wrong shape'],
    ['answers with garbage later', () => Promise.resolve(garbage<number>('seven')), 'its answer has the wrong shape'],
  ])('is the other answer if the part %s', async (_how, ask, lastFailure) => {
    const { fence, clock } = aFence();
    expect(await fence.decide(asking(ask))).toBe(-1);
    expect([fence.counts, clock.pending]).toEqual([
      { name: 'limits', answered: 0, failed: 1, late: 0, lastFailure },
      0,
    ]);
  });

  it('is the other answer if the part hangs for answerMs, and no sooner', async () => {
    const { fence, clock } = aFence();
    const answers: number[] = [];
    void Promise.resolve(fence.decide(asking(HANGS))).then((answer) => answers.push(answer));
    clock.advance(1_999);
    await flushed();
    expect(answers).toEqual([]);
    clock.advance(1);
    await flushed();
    expect([answers, clock.pending]).toEqual([[-1], 0]);
    expect(fence.counts.lastFailure).toBe('no answer within 2000 ms (ports.limits.answerMs)');
  });

  it('waits without a limit if answerMs is 0', async () => {
    const { fence, clock } = aFence({ answerMs: 0 });
    const later = fence.decide(asking(() => new Promise((resolve) => clock.setTimer(60_000, () => resolve(9)))));
    clock.advance(60_000);
    expect(await later).toBe(9);
  });

  it('hands back an answer that comes too late, and counts it', async () => {
    const { fence, clock } = aFence();
    const discarded: number[] = [];
    const ask = (): Promise<number> => new Promise((resolve) => clock.setTimer(5_000, () => resolve(7)));
    const answer = fence.decide(asking(ask, { discard: (late) => void discarded.push(late) }));
    clock.advance(5_000);
    await flushed();
    expect([await answer, discarded]).toEqual([-1, [7]]);
    expect(fence.counts).toMatchObject({ answered: 0, failed: 1, late: 1 });
  });

  it.each<[string, () => unknown]>([
    ['throws', THROWS],
    ['rejects', REJECTS],
  ])('survives a late answer whose handing back %s', async (_how, discard) => {
    const { fence, clock } = aFence();
    const ask = (): Promise<number> => new Promise((resolve) => clock.setTimer(5_000, () => resolve(7)));
    const answer = fence.decide(asking(ask, { discard }));
    clock.advance(5_000);
    await flushed();
    expect([await answer, fence.counts.failed]).toEqual([-1, 2]);
  });

  it('ignores a rejection that comes too late', async () => {
    const { fence, clock } = aFence();
    const ask = (): Promise<number> =>
      new Promise((_resolve, reject) => clock.setTimer(5_000, () => reject(new Error('late'))));
    const answer = fence.decide(asking(ask));
    clock.advance(5_000);
    await flushed();
    expect([await answer, fence.counts.failed]).toEqual([-1, 1]);
  });

  it('fails if the other answer is an error', async () => {
    const { fence } = aFence();
    const otherwise = (): never => {
      throw fence.unavailable();
    };
    const failure = { code: 'unavailable', retryable: true };
    expect(() => fence.decide(asking(THROWS, { otherwise }))).toThrow(/^The part "limits" does not answer/);
    await expect(fence.decide(asking(REJECTS, { otherwise }))).rejects.toMatchObject({
      ...failure,
      message:
        'The part "limits" does not answer: no route to [secret]. Try again later, or set ports.limits.onFailure to "open".',
    });
  });

  it('survives a check of the answer that throws', () => {
    const { fence } = aFence();
    expect(fence.decide(asking(() => 7, { isAnswer: THROWS }))).toBe(-1);
  });
});

describe('a report behind a fence', () => {
  it.each<[string, () => unknown]>([
    ['throws', THROWS],
    ['rejects', REJECTS],
    [
      'throws something that cannot be shown',
      () => {
        throw garbage<Error>({
          toString: () => {
            throw new Error('no text');
          },
        });
      },
    ],
  ])('never fails its caller, also if it %s', async (_how, run) => {
    const { fence } = aFence();
    expect(() => fence.report(run)).not.toThrow();
    await flushed();
    expect(fence.counts.failed).toBe(1);
  });
});

describe('the log of a fence', () => {
  it('has one warning, however often the part fails, with no secret in it', async () => {
    const { fence, logger } = aFence({ replacedBy: 'plugin "redis"' });
    for (let time = 0; time < 3; time += 1) await fence.decide(asking(REJECTS));
    fence.report(THROWS);
    expect(logger.messages).toEqual([
      'warn: The part "limits", replaced by plugin "redis", failed: no route to [secret]. Generations wait for it, up to retry.maxRetryAfterMs.',
    ]);
    expect(fence.counts).toMatchObject({ replacedBy: 'plugin "redis"', failed: 4 });
  });

  it('says what happens without the part', () => {
    const { fence, logger } = aFence({ onFailure: 'open' });
    void fence.decide(asking(THROWS));
    expect(logger.lines[0]?.message).toBe(
      'The part "limits" failed: no route to [secret]. Generations go on without it.',
    );
    const reported = aFence();
    reported.fence.report(THROWS);
    expect(reported.logger.lines[0]?.message).toBe(
      'The part "limits" failed: no route to [secret]. The report is lost; no generation is affected.',
    );
  });

  it('may fail itself', () => {
    const { fence } = aFence({ logger: brokenLogger() });
    expect(() => fence.report(THROWS)).not.toThrow();
  });
});
