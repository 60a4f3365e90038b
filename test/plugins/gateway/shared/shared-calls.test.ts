import { expect, it } from '@jest/globals';
import { memoryStateStore } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import { SharedCalls } from '../../../../plugins/gateway/calls/shared-calls.js';
import { flushed } from '../../../support/flushed.js';

const REQUEST = { key: 'a', content: 'x' };
const EVENTS: readonly GenerationEvent[] = [{ type: 'text-delta', delta: 'Once.' }];
const ELSEWHERE = { status: 409, retryAt: expect.any(Number) };

function twoGateways() {
  const [clock, values] = [new ManualClock(), memoryStateStore()];
  let isAway = false;
  const warnings: string[] = [];
  const store = {
    update: async (key: string, change: (old: unknown) => unknown) => {
      await Promise.resolve();
      if (isAway) throw new Error('no route');
      return values.update(key, change);
    },
  };
  const make = () => new SharedCalls({ store, clock, warn: (message) => warnings.push(message) });
  const pass = async (ms: number, step = 1_000): Promise<void> => {
    for (let left = ms; left > 0; left -= step) {
      clock.advance(step);
      await flushed();
    }
  };
  const stored = (key: string): unknown => values.update(key, (old) => old);
  return { a: make(), b: make(), clock, pass, stored, warnings, setAway: (is: boolean) => (isAway = is) };
}

it('a request that a gateway writes is refused by all others for as long as it lives', async () => {
  const { a, b, pass } = twoGateways();
  await a.claim(REQUEST);
  for (let minute = 0; minute < 3; minute += 1) {
    await expect(b.claim(REQUEST)).rejects.toMatchObject(ELSEWHERE);
    await expect(b.find(REQUEST)).rejects.toMatchObject(ELSEWHERE);
    await pass(60_000);
  }
  a.drop(REQUEST);
  await flushed();
  await b.claim(REQUEST);
});

it('a gateway refuses a request that it writes itself', async () => {
  const { a } = twoGateways();
  await a.claim(REQUEST);
  await expect(a.claim(REQUEST)).rejects.toMatchObject(ELSEWHERE);
});

it('of two gateways that claim a request at once, one gets it', async () => {
  const { a, b } = twoGateways();
  const claims = await Promise.allSettled([a.claim(REQUEST), b.claim(REQUEST)]);
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

it('a request of a gateway that has died is written anew, once its entry has stood still for 20 s', async () => {
  const { a, stored } = twoGateways();
  await a.claim(REQUEST);
  const [clock, store] = [new ManualClock(), memoryStateStore()];
  await store.update('gateway/call/a', () => stored('gateway/call/a'));
  const gateway = new SharedCalls({ store, clock, warn: () => undefined });
  const claimed = (): Promise<boolean> =>
    gateway.claim(REQUEST).then(
      () => true,
      () => false,
    );
  const atFirst = await claimed();
  clock.advance(19_999);
  const before = await claimed();
  clock.advance(1);
  expect({ atFirst, before, after: await claimed() }).toEqual({ atFirst: false, before: false, after: true });
});

it('a whole answer is found by all, and gone once it is delivered', async () => {
  const { a, b, stored } = twoGateways();
  await a.claim(REQUEST);
  a.keep(REQUEST, EVENTS, 60_000);
  await flushed();
  expect(await b.find(REQUEST)).toEqual(EVENTS);
  b.delivered(REQUEST);
  await flushed();
  expect({
    found: await a.find(REQUEST),
    answer: stored('gateway/answer/a'),
    index: stored('gateway/answers'),
  }).toEqual({ found: undefined, answer: undefined, index: {} });
});

it('another body with the key of a known request is refused', async () => {
  const { a, b } = twoGateways();
  await a.claim(REQUEST);
  await expect(b.find({ ...REQUEST, content: 'y' })).rejects.toMatchObject({ status: 422 });
});

it('answers that no client fetches are removed by any gateway after their time', async () => {
  const { a, b, pass, stored } = twoGateways();
  a.keep(REQUEST, EVENTS, 60_000);
  await flushed();
  await pass(700_000, 10_000);
  b.keep({ key: 'b', content: 'x' }, EVENTS, 60_000);
  await flushed();
  expect({ a: stored('gateway/answer/a'), b: stored('gateway/answer/b') }).toEqual({ a: undefined, b: EVENTS });
});

it('a store that is away fails a claim, and is named in the log where nobody waits', async () => {
  const { a, setAway, warnings } = twoGateways();
  setAway(true);
  await expect(a.claim(REQUEST)).rejects.toThrow('no route');
  a.keep(REQUEST, EVENTS, 60_000);
  await flushed();
  expect(warnings).toEqual([expect.stringContaining('no route')]);
});

it('leaves no timer behind once nothing is written, and none after it is closed', async () => {
  const { a, clock, pass } = twoGateways();
  await a.claim(REQUEST);
  a.drop(REQUEST);
  await pass(6_000);
  const idle = clock.pending;
  await a.claim(REQUEST);
  a.close();
  expect({ idle, closed: clock.pending }).toEqual({ idle: 0, closed: 0 });
});
