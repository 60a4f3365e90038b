import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { map, mergeMap, of, delay } from 'rxjs';
import type { InterceptorDefinition, StatSink } from 'scriptorium/plugin';
import {
  describeInterceptor,
  describeSink,
  INTERCEPTOR_PROMISES,
  MemorySink,
  SINK_PROMISES,
} from 'scriptorium/testing';
import type { InterceptorCheck, MakeInterceptor, MakeSink, SinkCheck } from 'scriptorium/testing';
import { Reconciler } from '../../src/stats/reconciler.js';
import { UsageStats } from '../../src/stats/usage-stats.js';
import { ANSWER } from '../../src/testing/interceptor-contract/told.js';
import { BROKEN_INTERCEPTORS, BROKEN_SINKS, leaksATimer } from './broken-plugins.js';

/** What a kit says of a plugin: the promises that it breaks, with the messages. */
async function complaintsOf<Make>(
  promises: Readonly<Record<string, (make: Make) => Promise<void>>>,
  make: Make,
): Promise<Readonly<Record<string, string>>> {
  const complaints: Record<string, string> = {};
  for (const [promise, check] of Object.entries(promises))
    await check(make).catch((error: unknown) => {
      complaints[promise] = String(error);
    });
  return complaints;
}
const ofInterceptor = (make: MakeInterceptor) =>
  complaintsOf<MakeInterceptor>(INTERCEPTOR_PROMISES satisfies Readonly<Record<string, InterceptorCheck>>, make);
const ofSink = (make: MakeSink) =>
  complaintsOf<MakeSink>(SINK_PROMISES satisfies Readonly<Record<string, SinkCheck>>, make);

describeInterceptor('that changes texts', () => ({
  name: 'shout',
  phase: 'observe',
  intercept: (request, next) =>
    next(request).pipe(
      map((event) => (event.type === 'text-delta' ? { ...event, delta: event.delta.toUpperCase() } : event)),
    ),
}));
describeInterceptor('that changes requests after asking somebody', () => ({
  name: 'slow-header',
  phase: 'prepare',
  intercept: (request, next) =>
    of('yes').pipe(
      mergeMap(async (value) => Promise.resolve(value)),
      mergeMap((value) => next({ ...request, headers: { ...request.headers, 'x-own': value } })),
    ),
}));
describeSink('in memory', () => new MemorySink());
describeSink('of the usage statistics', (clock) => new UsageStats(clock));
describeSink(
  'that reconciles',
  (clock) => new Reconciler({ clock, record: () => undefined, ask: () => Promise.resolve(undefined) }),
);

describe('the contract of an interceptor', () => {
  it.each<[string, keyof typeof BROKEN_INTERCEPTORS, keyof typeof INTERCEPTOR_PROMISES, RegExp]>([
    ['never asks', 'neverAsks', 'asks next once for one answer', /It has never called next/],
    ['asks twice', 'asksTwice', 'asks next once for one answer', /It has asked next 2 times for one good answer/],
    [
      'changes the request',
      'mutates',
      'leaves the request as it is',
      /It has changed the request that it was given \(messages\).*next\(\{ \.\.\.request, messages: … \}\)/,
    ],
    [
      'changes events',
      'mutatesEvents',
      'leaves the events as they are',
      /It changes an event that others get too, of the type "generation-end" \(usage\); copy it to change it: map\(\(event\) => \(\{ \.\.\.event, usage: … \}\)\)/,
    ],
    [
      'keeps an unsubscription to itself',
      'swallowsUnsubscription',
      'hands on an unsubscription at once',
      /It keeps an unsubscription to itself/,
    ],
    [
      'leaks a subscription',
      'leaksSubscription',
      'hands on an unsubscription at once',
      /It leaks a subscription: after its subscriber has left, 1 of 2/,
    ],
    [
      'starts work early',
      'startsEarly',
      'does nothing before it is subscribed to',
      /It has started work before anybody subscribed: it subscribed to what next gives/,
    ],
  ])('is broken by one that %s, and the mistake is named', async (...[, broken, promise, message]) => {
    expect(await ofInterceptor(() => BROKEN_INTERCEPTORS[broken])).toMatchObject({
      [promise]: expect.stringMatching(message),
    });
  });

  it('gives frozen events: one that changes them harms nobody, and every promise that it breaks says why', async () => {
    const before = structuredClone(ANSWER);
    const complaints = await ofInterceptor(() => BROKEN_INTERCEPTORS.mutatesEvents);
    expect(Object.keys(complaints)).toEqual([
      'asks next once for one answer',
      'answers each subscription',
      'leaves the events as they are',
    ]);
    for (const complaint of Object.values(complaints))
      expect(complaint).toMatch(/It changes an event.* that others get too.*; copy it to change it/);
    expect(structuredClone(ANSWER)).toEqual(before);
  });

  it('is broken by one that leaves a timer behind', async () => {
    const complaints = await ofInterceptor(leaksATimer);
    expect(complaints['leaves nothing behind']).toMatch(/It leaks: 1 timer\(s\) of its own still run after the end/);
    expect(complaints['hands on an unsubscription at once']).toMatch(
      /1 timer\(s\) of its own still run after its subscriber has left/,
    );
  });

  it.each<[string, Partial<InterceptorDefinition>, keyof typeof INTERCEPTOR_PROMISES, RegExp]>([
    [
      'has no phase that there is',
      { phase: 'early' as 'observe' },
      'has a name and a place in the chain',
      /The phase of "any" is 'early'; the phases are observe, prepare/,
    ],
    [
      'keeps strange events',
      {
        intercept: (request, next) =>
          next(request).pipe(
            mergeMap((event) => (event.type === 'text-delta' || event.type === 'generation-end' ? [event] : [])),
          ),
      },
      'hands on the events that it does not know',
      /Of 2 events of the type "custom", which it cannot know, it has handed on 0/,
    ],
    [
      'fails with something of its own',
      {
        intercept: (request, next) =>
          next(request).pipe(
            map((event) => {
              if (event.type === 'generation-end') throw new TypeError('x is undefined');
              return event;
            }),
          ),
      },
      'answers each subscription',
      /The first of two subscriptions has become a failure: .*x is undefined/,
    ],
    [
      'waits for real time',
      { intercept: (request, next) => next(request).pipe(delay(60_000)) },
      'asks next once for one answer',
      /A good answer of next has come to no end/,
    ],
  ])('is broken by one that %s', async (...[, parts, promise, message]) => {
    const broken: InterceptorDefinition = {
      name: 'any',
      phase: 'prepare',
      intercept: (request, next) => next(request),
      ...parts,
    };
    expect(await ofInterceptor(() => broken)).toMatchObject({ [promise]: expect.stringMatching(message) });
  });
});

it('the contract of an interceptor is broken by one that can answer only once', async () => {
  const onlyOnce = (): InterceptorDefinition => {
    let isUsed = false;
    return {
      name: 'any',
      phase: 'prepare',
      intercept: (request, next) => {
        if (isUsed) throw new Error('used');
        isUsed = true;
        return next(request);
      },
    };
  };
  expect(await ofInterceptor(onlyOnce)).toEqual({
    'answers each subscription': expect.stringMatching(/The second of two subscriptions has become a failure: .*used/),
    'keeps generations apart': expect.stringMatching(/A generation has another outcome after an earlier one.*used/),
  });
});

describe('the contract of a sink', () => {
  afterEach(() => void jest.useRealTimers());

  it.each<[string, keyof typeof BROKEN_SINKS, keyof typeof SINK_PROMISES, RegExp]>([
    [
      'throws',
      'throws',
      'takes every kind of stat without throwing',
      /record threw for a stat of the type "attempt-end": disk full\./,
    ],
    [
      'rejects',
      'rejects',
      'records synchronously',
      /record returned a promise for a stat of the type "attempt-end", which rejected: no route\./,
    ],
    ['takes long', 'isSlow', 'records at once', /record took \d+ ms at its best/],
    [
      'takes long for the end of a generation alone',
      'isSlowAtTheEnd',
      'records at once',
      /record took \d+ ms at its best for a stat of the type "generation-end"/,
    ],
    [
      'changes stats',
      'mutates',
      'changes no stat',
      /record has changed a stat of the type "attempt-end", which other sinks get too .Cannot add property host.*Copy it to change it/,
    ],
  ])('is broken by one that %s, and the mistake is named', async (...[, broken, promise, message]) => {
    expect(await ofSink(() => BROKEN_SINKS[broken])).toMatchObject({ [promise]: expect.stringMatching(message) });
  });

  it.each<[string, Partial<StatSink>, keyof typeof SINK_PROMISES, RegExp]>([
    ['has no name', { name: '' }, 'has a name', /The sink's name is ''/],
    [
      'fails to flush',
      { flush: () => Promise.reject(new Error('no route')) },
      'flushes whenever it is asked to',
      /flush failed: no route\./,
    ],
    [
      'fails to close',
      { close: () => Promise.reject(new Error('no route')) },
      'closes, used or not',
      /close failed: no route\./,
    ],
  ])('is broken by one that %s', async (...[, parts, promise, message]) => {
    expect(await ofSink(() => ({ name: 'any', record: () => undefined, ...parts }))).toMatchObject({
      [promise]: expect.stringMatching(message),
    });
  });

  it('is broken by one whose timer goes on after it was closed', async () => {
    const complaints = await ofSink((clock) => {
      clock.setTimer(1_000, () => undefined);
      return { name: 'any', record: () => undefined };
    });
    expect(complaints).toEqual({
      'closes, used or not': expect.stringMatching(/1 timer\(s\) of the sink's own still run after close/),
    });
  });

  it('names a sink that is slow for every kind within 2 s', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    let recorded = 0;
    const slow = {
      name: 'is-very-slow',
      record: () => {
        recorded += 1;
        jest.advanceTimersByTime(450);
      },
    };
    await expect(SINK_PROMISES['records at once'](() => slow)).rejects.toThrow(
      /record took 450 ms at its best for a stat of the type "attempt-end"/,
    );
    expect(recorded * 450).toBeLessThan(2_000);
  });

  it('names a flush or a close that never ends before a test runner gives up', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const never = (): Promise<void> => new Promise(() => undefined);
    const complaints = Promise.all([
      complaintsOf<MakeSink>({ flushes: SINK_PROMISES['flushes whenever it is asked to'] }, () => ({
        name: 'any',
        record: () => undefined,
        flush: never,
        close: never,
      })),
      complaintsOf<MakeSink>({ closes: SINK_PROMISES['closes, used or not'] }, () => ({
        name: 'any',
        record: () => undefined,
        close: never,
      })),
    ]);
    await jest.advanceTimersByTimeAsync(4_900);
    // What has not come to its end by now waits for a clock that stands still.
    expect(await complaints).toEqual([
      { flushes: expect.stringContaining('flush failed: it has not come to an end within 4 s') },
      { closes: expect.stringContaining('close failed: it has not come to an end within 4 s') },
    ]);
  });

  it.each<[string, number]>([
    ['rejects', 8],
    ['rejects, then throws', 3],
  ])('waits at once for all that a sink returns which %s, so that no rejection is unhandled', async (_what, good) => {
    const [returned, heard]: [Promise<unknown>[], Set<number>] = [[], new Set()];
    const record = (): unknown => {
      const call = returned.length;
      if (call === good) throw new Error('disk full');
      const promise = new Promise<unknown>((_resolve, reject) => {
        setTimeout(() => reject(new Error('no route')), 30);
      });
      returned.push(
        Object.assign(promise, {
          then: (...parts: Parameters<typeof promise.then>) => {
            heard.add(call);
            return Promise.prototype.then.apply(promise, parts);
          },
        }),
      );
      return promise;
    };
    const check = SINK_PROMISES['takes every kind of stat without throwing'](() => ({
      name: 'any',
      record: () => record() as undefined,
    })).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([returned.length, heard.size]).toEqual([good, good]);
    await check;
  });
});
