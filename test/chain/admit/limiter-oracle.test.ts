import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { enter } from './enter.js';
import { aLocalLimiter, demandOn, SKEW_MS, WINDOW_MS } from './apply.js';
import { RUNS, runs } from '../../support/runs.js';

/** One call: it comes, goes when it may, takes so long to the server, and uses less than it reserves. */
interface Call {
  readonly at: number;
  readonly prompt: number;
  readonly cap: number;
  readonly output: number;
  readonly connectMs: number;
  readonly networkMs: number;
  readonly answerMs: number;
}

interface Limits {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
}

/** What a server sees that counts a request's whole size on arrival, as most do. */
interface Arrival {
  readonly at: number;
  readonly tokens: number;
}

function play(limits: Limits, calls: readonly Call[], untilMs: number) {
  const clock = new ManualClock();
  const limiter = aLocalLimiter(clock);
  const arrivals: Arrival[] = [];
  const order: number[] = [];
  calls.forEach(({ at, prompt, cap, output, connectMs, networkMs, answerMs }, index) =>
    clock.setTimer(at, () => {
      limiter
        .acquire({ ...demandOn({ key: 'account', limits }), promptTokens: prompt, outputCap: cap })
        .subscribe((admission) => {
          if (admission.type === 'waiting') return;
          order.push(index);
          clock.setTimer(connectMs, () => {
            admission.lease.sent();
            clock.setTimer(networkMs, () =>
              arrivals.push({ at: clock.monotonic(), tokens: Math.min(prompt + output, limits.tokensPerMinute) }),
            );
            clock.setTimer(answerMs, () => admission.lease.settle({ inputTokens: prompt, outputTokens: output }));
          });
        });
    }),
  );
  clock.advance(untilMs);
  return { arrivals: arrivals.sort((a, b) => a.at - b.at), order };
}

/** The earliest times at which the calls could go in their order, each known in advance: no limiter can do better and keep the order. */
function oracle(limits: Limits, calls: readonly Call[]): readonly number[] {
  const gone: Arrival[] = [];
  for (const { at, prompt, output } of calls) {
    const tokens = Math.min(prompt + output, limits.tokensPerMinute);
    const fits = (time: number): boolean => {
      const recent = gone.filter((other) => other.at > time - 60_000);
      return (
        recent.length < limits.requestsPerMinute &&
        recent.reduce((sum, other) => sum + other.tokens, tokens) <= limits.tokensPerMinute
      );
    };
    const earliest = Math.max(at, gone.at(-1)?.at ?? 0);
    const candidates = [earliest, ...gone.map((other) => other.at + 60_000).filter((time) => time > earliest)];
    gone.push({ at: candidates.find(fits)!, tokens });
  }
  return gone.map(({ at }) => at);
}

function worstMinute(arrivals: readonly Arrival[], sizeOf: (arrival: Arrival) => number): number {
  return Math.max(
    0,
    ...arrivals.map(({ at: from }) =>
      arrivals.reduce(
        (sum, arrival) => sum + (arrival.at >= from && arrival.at < from + 60_000 ? sizeOf(arrival) : 0),
        0,
      ),
    ),
  );
}

const limits: fc.Arbitrary<Limits> = fc.record({
  requestsPerMinute: fc.integer({ min: 2, max: 20 }),
  tokensPerMinute: fc.integer({ min: 500, max: 5_000 }),
});

describe('against a brute-force simulation of the same calls, a line before the local limits', () => {
  it('never lets a server that counts each request in full on arrival see more than the limit, in the order of arrival', () => {
    const call = fc.record({
      at: fc.nat(120_000),
      prompt: fc.nat(300),
      cap: fc.constantFrom(100, 500, 1_000),
      output: fc.nat(100),
      connectMs: fc.constantFrom(0, 0, 20, 400),
      networkMs: fc.nat(SKEW_MS),
      answerMs: fc.constantFrom(0, 500, 20_000),
    });
    const calls = fc.array(call, { maxLength: 50 }).map((list) => list.sort((a, b) => a.at - b.at));
    fc.assert(
      fc.property(limits, calls, (given, all) => {
        const { arrivals, order } = play(given, all, 24 * 3_600_000);
        expect(order).toEqual(all.map((_, index) => index));
        expect(arrivals).toHaveLength(all.length);
        expect(worstMinute(arrivals, () => 1)).toBeLessThanOrEqual(given.requestsPerMinute);
        expect(worstMinute(arrivals, ({ tokens }) => tokens)).toBeLessThanOrEqual(given.tokensPerMinute);
      }),
      RUNS,
    );
  });

  it('admits at least 97 % of the possible load, and nothing too early, with calls of three sizes', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seeded(seed);
        const all = Array.from({ length: 320 }, (): Call => {
          const cap = [300, 900, 1_900][random(3)]!;
          return { at: 0, prompt: 100, cap, output: cap, connectMs: 0, networkMs: random(20), answerMs: 0 };
        });
        const given = { requestsPerMinute: 60, tokensPerMinute: 10_000 };
        const untilMs = 30 * 60_000;
        const { arrivals } = play(given, all, untilMs);
        const possible = oracle(given, all).filter((at) => at < untilMs).length;
        expect(possible).toBeLessThan(all.length);
        expect(arrivals.length / possible).toBeGreaterThanOrEqual(0.97);
        expect(worstMinute(arrivals, ({ tokens }) => tokens)).toBeLessThanOrEqual(10_000);
      }),
      { numRuns: runs(0.1), endOnFailure: true },
    );
  });
});

describe('under any aborts, a line before the local limits', () => {
  const step = fc.record({
    afterMs: fc.constantFrom(0, 0, 1_000, 30_000),
    what: fc.constantFrom('ask', 'ask', 'leave', 'release', 'send', 'settle'),
    which: fc.nat(20),
    size: fc.integer({ min: 1, max: 600 }),
  });

  it('conserves its tokens: never exceeds the window, delays no caller while there is room, and ends empty (P8)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock();
        const limiter = aLocalLimiter(clock);
        const key = { key: 'account', limits: { tokensPerMinute: 1_000 } };
        const ask = (outputCap: number) => enter(limiter.acquire({ ...demandOn(key), outputCap }));
        const calls: {
          readonly entrant: ReturnType<typeof ask>;
          cost: number;
          sentAt?: number;
          isSettled?: boolean;
        }[] = [];
        const remove = (call: (typeof calls)[number]): void => void calls.splice(calls.indexOf(call), 1);
        for (const { afterMs, what, which, size } of steps) {
          clock.advance(afterMs);
          const call = calls[which % Math.max(calls.length, 1)];
          if (what === 'ask') calls.push({ entrant: ask(size), cost: size });
          else if (call === undefined) continue;
          else if (!call.entrant.isAdmitted && what === 'leave') {
            remove(call);
            call.entrant.leave();
          } else if (call.entrant.isAdmitted && call.sentAt === undefined && what === 'release') {
            remove(call);
            call.entrant.lease.release();
          } else if (call.entrant.isAdmitted && call.sentAt === undefined && what === 'send') {
            call.sentAt = clock.monotonic();
            call.entrant.lease.sent();
          } else if (call.sentAt !== undefined && what === 'settle') {
            const used = Math.floor(call.cost / 2);
            // Settled once more, it stays as it is.
            if (call.isSettled !== true) call.cost = used;
            call.isSettled = true;
            call.entrant.lease.settle({ inputTokens: used, outputTokens: 0 });
          }
          const out = calls.filter(
            ({ entrant, sentAt }) =>
              entrant.isAdmitted && (sentAt === undefined || sentAt + WINDOW_MS > clock.monotonic()),
          );
          const sum = out.reduce((total, { cost }) => total + cost, 0);
          expect(sum).toBeLessThanOrEqual(1_000);
          const head = calls.find(({ entrant }) => !entrant.isAdmitted);
          expect(head === undefined || sum + head.cost > 1_000).toBe(true);
        }
        calls.filter(({ entrant }) => !entrant.isAdmitted).forEach(({ entrant }) => entrant.leave());
        calls
          .filter(({ entrant, sentAt }) => entrant.isAdmitted && sentAt === undefined)
          .forEach(({ entrant }) => entrant.lease.release());
        clock.advance(WINDOW_MS);
        expect([ask(1_000).isAdmitted, ask(1).isAdmitted, clock.pending]).toEqual([true, false, 0]);
      }),
      RUNS,
    );
  });
});

/** The same numbers for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
