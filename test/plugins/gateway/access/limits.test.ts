import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Access, Admitted } from '../../../../plugins/gateway/access/access.js';
import { MinuteWindow } from '../../../../plugins/gateway/access/limits/minute-window.js';
import { flushed } from '../../../support/flushed.js';
import { failureOf } from '../../../support/pipelines.js';
import { aScene, asking } from './scene.js';

const never = (): AbortSignal => new AbortController().signal;
const NOTHING = { tokens: 0 };

/** Asks for places, and lists the numbers of those that were admitted, in their order. */
function line(access: Access, count: number): { readonly admitted: number[]; readonly places: Admitted[] } {
  const client = access.clientOf(asking());
  const [admitted, places]: [number[], Admitted[]] = [[], []];
  for (let number = 0; number < count; number += 1)
    void access.admit(client, never()).then((place) => {
      admitted.push(number);
      places.push(place);
    });
  return { admitted, places };
}

const uses = (running: number, requests: number, tokens: number) => ({
  concurrency: { used: running, limit: 2 },
  requestsPerMinute: { used: requests, limit: 10 },
  tokensPerMinute: { used: tokens, limit: 1_000 },
});

describe('the limits of a key', () => {
  it('let so many generations run at once, and the others follow in their order', async () => {
    const { access } = aScene({ policy: { limits: { concurrency: 2 } } });
    const { admitted, places } = line(access, 4);
    await flushed();
    const first = [...admitted];
    places[1]!.release(NOTHING);
    await flushed();
    const second = [...admitted];
    places[0]!.release(NOTHING);
    await flushed();
    expect({ first, second, third: admitted }).toEqual({ first: [0, 1], second: [0, 1, 2], third: [0, 1, 2, 3] });
    access.close();
  });

  it('are reported with what is used of them, and with the length of the line', async () => {
    const limits = { concurrency: 2, requestsPerMinute: 10, tokensPerMinute: 1_000 };
    const { access, pass } = aScene({ policy: { limits, maxWaitMs: 300_000 } });
    expect(access.clients()).toEqual([]);
    const { places } = line(access, 4);
    await flushed();
    const first = access.clients();
    places[0]!.release({ tokens: 300 });
    await flushed();
    const later = access.clients();
    // The last one waits for the minute's tokens.
    for (let minute = 0; minute < 2; minute += 1) {
      for (const place of places) place.release({ tokens: 300 });
      await pass(61_000);
    }
    expect({ first, later, last: access.clients() }).toEqual({
      // The first generation holds the whole limit of tokens, since nothing is known of its size.
      first: [{ name: 'local', running: 1, waiting: 3, limits: uses(1, 1, 1_000) }],
      later: [{ name: 'local', running: 2, waiting: 1, limits: uses(2, 3, 900) }],
      last: [{ name: 'local', running: 0, waiting: 0, limits: uses(0, 0, 0) }],
    });
    access.close();
  });

  it('let so many requests begin in any minute', async () => {
    const { access, pass } = aScene({ policy: { limits: { requestsPerMinute: 2 }, maxWaitMs: 300_000 } });
    const { admitted } = line(access, 5);
    const counts = [];
    for (let step = 0; step < 3; step += 1) {
      await flushed();
      counts.push(admitted.length);
      await pass(59_999);
      counts.push(admitted.length);
      await pass(1);
    }
    expect(counts).toEqual([2, 2, 4, 4, 5, 5]);
    access.close();
  });

  it('hold the tokens of the largest generation so far; the first one holds the whole minute', async () => {
    const { access, pass } = aScene({ policy: { limits: { tokensPerMinute: 1_000 }, maxWaitMs: 300_000 } });
    const { admitted, places } = line(access, 6);
    await flushed();
    const alone = admitted.length;
    places[0]!.release({ tokens: 300 });
    await flushed();
    const beside = admitted.length;
    await pass(60_000);
    expect({ alone, beside, later: admitted.length }).toEqual({ alone: 1, beside: 3, later: 4 });
    access.close();
  });

  it('answer 429 with the time at which there is room, after the wait of the policy', async () => {
    const { access, pass, clock } = aScene({ policy: { limits: { requestsPerMinute: 1 }, maxWaitMs: 10_000 } });
    line(access, 1);
    await flushed();
    const at = clock.now() + 60_000;
    const refused = failureOf(access.admit(access.clientOf(asking()), never()));
    await pass(10_000);
    expect(await refused).toMatchObject({ code: 'rate-limit', status: 429, retryAt: at });
    access.close();
  });

  it('do not wait at all with a wait of 0, and give a free place at once', async () => {
    const { access, clock } = aScene({ policy: { limits: { concurrency: 1 }, maxWaitMs: 0 } });
    const client = access.clientOf(asking());
    const place = await access.admit(client, never());
    const refused = failureOf(access.admit(client, never()));
    clock.advance(0);
    place.release(NOTHING);
    expect((await refused).code).toBe('rate-limit');
    await access.admit(client, never());
    access.close();
  });

  it('leave the line with their client, and give a place back once, however often it is released', async () => {
    const { access } = aScene({ policy: { limits: { concurrency: 1 } } });
    const client = access.clientOf(asking());
    const place = await access.admit(client, never());
    const gone = new AbortController();
    const left = failureOf(access.admit(client, gone.signal));
    const { admitted } = line(access, 3);
    gone.abort();
    place.release(NOTHING);
    place.release(NOTHING);
    await flushed();
    expect({ left: (await left).code, admitted }).toEqual({ left: 'aborted', admitted: [0] });
    access.close();
  });

  it('count the places of each key alone', async () => {
    const { access, keys, pass } = aScene({ policy: { limits: { concurrency: 1 } } });
    const [ada, bob] = [await keys.add({ name: 'ada', now: 0 }), await keys.add({ name: 'bob', now: 0 })];
    await pass(1_000);
    const outcomes: string[] = [];
    for (const [name, key] of Object.entries({ ada, bob }))
      void access.admit(access.clientOf(asking({ 'x-api-key': key })), never()).then(() => outcomes.push(name));
    await flushed();
    expect(outcomes).toEqual(['ada', 'bob']);
    access.close();
  });

  it('leave no timer behind when all places were given back', async () => {
    const { access, clock, pass } = aScene({ policy: { limits: { requestsPerMinute: 2 }, maxWaitMs: 300_000 } });
    const { places } = line(access, 4);
    await flushed();
    await pass(60_000);
    places.forEach((place) => place.release(NOTHING));
    access.close();
    expect({ places: places.length, timers: clock.pending }).toEqual({ places: 4, timers: 0 });
  });
});

describe('a window of a minute', () => {
  it('holds no more than its limit in any minute, and finds the first moment with room', () => {
    const step = fc.record({ cost: fc.integer({ min: 1, max: 120 }), pause: fc.integer({ min: 0, max: 40_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const window = new MinuteWindow();
        const taken: { readonly at: number; readonly cost: number }[] = [];
        const sum = (from: number, to: number): number =>
          taken.reduce((all, { at, cost }) => (at > from && at <= to ? all + cost : all), 0);
        let now = 0;
        for (const { cost, pause } of steps) {
          const real = Math.min(cost, 100);
          const at = window.availableAt(now + pause, cost, 100)!;
          if (at > now + pause) expect(sum(at - 1 - 60_000, at - 1) + real).toBeGreaterThan(100);
          expect(sum(at - 60_000, at) + real).toBeLessThanOrEqual(100);
          now = at;
          window.settle(0, real, now);
          taken.push({ at, cost: real });
        }
      }),
    );
  });
});
