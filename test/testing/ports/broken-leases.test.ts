import { filter, map, Observable, startWith } from 'rxjs';
import type { Admission, BreakerPass, Breakers, BreakerVerdict, Lease, RetryBudgets, Slots } from 'scriptorium/plugin';
import { BREAKERS_PROMISES, RETRY_BUDGETS_PROMISES, SLOTS_PROMISES } from 'scriptorium/testing';
import type { BreakersWorld, MakeBreakers, MakeRetryBudgets, MakeSlots } from 'scriptorium/testing';
import { localBreakers } from '../../../src/chain/admit/breaker.js';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { localRetryBudgets } from '../../../src/chain/recover/retry-budget.js';
import { describeMutants } from './mutants.js';
import type { Mutant } from './mutants.js';

type Acquire<L extends Lease> = (key: string, options?: { readonly isReturned?: boolean }) => Observable<Admission<L>>;
/** Slots, or retry budgets, which have no options. */
type Part = Slots;

const withLease =
  <L extends Lease>(acquire: Acquire<L>, change: (lease: L) => Partial<L>): Acquire<L> =>
  (key, options) =>
    acquire(key, options).pipe(
      map((step) => (step.type === 'admitted' ? { ...step, lease: { ...step.lease, ...change(step.lease) } } : step)),
    );

/** Mistakes that a part with one `acquire` may have. */
const silent =
  <L extends Lease>(acquire: Acquire<L>): Acquire<L> =>
  (key, options) =>
    acquire(key, options).pipe(filter(({ type }) => type === 'admitted'));
const oneKey =
  <L extends Lease>(acquire: Acquire<L>): Acquire<L> =>
  (_key, options) =>
    acquire('one', options);
const deafToLeavers =
  <L extends Lease>(acquire: Acquire<L>): Acquire<L> =>
  (key, options) =>
    new Observable((subscriber) => {
      acquire(key, options).subscribe((step) => subscriber.next(step));
    });
const on = (part: Part, change: (acquire: Acquire<Lease>) => Acquire<Lease>): Slots => ({
  acquire: change((key, options) => part.acquire(key, options)),
});

/** Slots that are counted, and nothing else. */
function countedSlots(
  most: number,
  mistake: 'releases often' | 'last first' | 'ends leases',
  after?: (run: () => void) => void,
): Slots {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const serve = (): void => {
    if (taken < most) (mistake === 'last first' ? waiting.pop() : waiting.shift())?.();
  };
  return {
    acquire: () =>
      new Observable((subscriber) => {
        const admit = (): void => {
          taken += 1;
          let isOver = false;
          const release = (): void => {
            if (isOver && mistake !== 'releases often') return;
            isOver = true;
            taken -= 1;
            serve();
          };
          if (mistake === 'ends leases') after?.(release);
          subscriber.next({ type: 'admitted', lease: { isValid: () => true, release } });
          subscriber.complete();
        };
        waiting.push(admit);
        if (taken < most) serve();
        else subscriber.next({ type: 'waiting', for: 'slot' });
        subscriber.add(() => void waiting.splice(0, waiting.length, ...waiting.filter((each) => each !== admit)));
      }),
  };
}

const SLOTS: Readonly<Record<string, Mutant<MakeSlots, typeof SLOTS_PROMISES>>> = {
  'counts in each process': {
    make: ({ clock, most }) => [localSlots(clock, most), localSlots(clock, most)],
    breaks: [
      'admits as many callers as there are slots, over all processes',
      'reports once that a caller waits for a slot',
    ],
  },
  'makes everybody wait': {
    make: ({ clock, most }) =>
      on(
        localSlots(clock, most),
        (acquire) => (key, options) => acquire(key, options).pipe(startWith({ type: 'waiting', for: 'slot' } as const)),
      ),
    breaks: ['admits a caller while a slot is free, without a wait'],
  },
  'says nothing of a wait': {
    make: ({ clock, most }) => on(localSlots(clock, most), silent),
    breaks: ['reports once that a caller waits for a slot'],
  },
  'never frees a slot': {
    make: ({ clock, most }) =>
      on(localSlots(clock, most), (acquire) => withLease(acquire, () => ({ release: () => undefined }))),
    breaks: [
      'admits a waiting caller when another process releases its slot',
      'admits the callers of a process in their order, and returned ones first',
    ],
  },
  'has no order': {
    make: ({ most }) => countedSlots(most, 'last first'),
    breaks: ['admits the callers of a process in their order, and returned ones first'],
  },
  'frees a slot as often as it is told': {
    make: ({ most }) => countedSlots(most, 'releases often'),
    breaks: ['gives a slot back once, however often it is released'],
  },
  'admits callers that have left': {
    make: ({ clock, most }) => on(localSlots(clock, most), deafToLeavers),
    breaks: ['keeps no slot for a caller that has left'],
  },
  'has one key': {
    make: ({ clock, most }) => on(localSlots(clock, most), oneKey),
    breaks: ['counts each key for itself'],
  },
  'ends leases': {
    make: ({ clock, most }) => countedSlots(most, 'ends leases', (run) => void clock.setTimer(30_000, run)),
    breaks: ['keeps a slot for as long as it is held'],
  },
};

const budgets = (
  { clock, settings }: Parameters<MakeRetryBudgets>[0],
  change: Partial<typeof settings> = {},
): RetryBudgets => localRetryBudgets(clock, { ...settings, ...change });

const RETRY_BUDGETS: Readonly<Record<string, Mutant<MakeRetryBudgets, typeof RETRY_BUDGETS_PROMISES>>> = {
  'counts in each process': {
    make: (world) => [budgets(world), budgets(world)],
    breaks: ['admits the retries that a full bucket covers, over all processes, and no more'],
  },
  'is never refilled': {
    make: (world) => budgets(world, { refillPerSecond: 0 }),
    breaks: ['reports until when a retry waits, and admits it then', 'takes nothing for a caller that has left'],
  },
  'takes nothing back': {
    make: (world) => on(budgets(world), (acquire) => withLease(acquire, () => ({ release: () => undefined }))),
    breaks: ['takes back the tokens of a retry, once, and admits the next one'],
  },
  'holds more than its capacity': {
    make: (world) => {
      let bucket = budgets(world);
      world.clock.setTimer(60_000, () => (bucket = budgets(world, { capacity: 2 * world.settings.capacity })));
      return { acquire: (key) => bucket.acquire(key) };
    },
    breaks: ['never holds more than its capacity'],
  },
  'has one key': { make: (world) => on(budgets(world), oneKey), breaks: ['counts each key for itself'] },
  'gives tokens to callers that have left': {
    make: (world) => on(budgets(world), deafToLeavers),
    breaks: ['takes nothing for a caller that has left'],
  },
};

const breakers = (
  { clock, random, settings }: BreakersWorld,
  change: Partial<BreakersWorld['settings']> = {},
): Breakers => localBreakers(clock, random, { ...settings, ...change });
const passes = (part: Breakers, change: (pass: BreakerPass) => Partial<BreakerPass>): Breakers => ({
  ...part,
  acquire: withLease(
    (key, options) => part.acquire(key, options),
    (pass) => ({
      isProbe: pass.isProbe,
      ...change(pass),
    }),
  ),
});
const verdicts = (part: Breakers, change: (verdict: BreakerVerdict) => BreakerVerdict): Breakers =>
  passes(part, (pass) => ({ record: (verdict) => pass.record(change(verdict)) }));

const BREAKERS: Readonly<Record<string, Mutant<MakeBreakers, typeof BREAKERS_PROMISES>>> = {
  'counts in each process': {
    make: (world) => [breakers(world), breakers(world)],
    breaks: [
      'opens when the failure rate is reached, over the calls of all processes',
      'opens after connection failures in a row, over the calls of all processes',
      'withdraws the passes of all processes when it opens',
    ],
  },
  'makes everybody a probe': {
    make: (world) => passes(breakers(world), () => ({ isProbe: true })),
    breaks: ['admits calls at once while closed'],
  },
  'judges the first call': {
    make: (world) => breakers(world, { minimumCalls: 1 }),
    breaks: [
      'opens when the failure rate is reached, over the calls of all processes',
      'does not count neutral results, nor passes that were released',
      'counts the first result of a call only',
      'forgets calls that are older than its window',
    ],
  },
  'opens by any three connection failures': {
    make: (world) =>
      verdicts(breakers(world, { minimumCalls: 100 }), (verdict) => (verdict === 'success' ? 'neutral' : verdict)),
    breaks: ['begins the row of connection failures anew after another result'],
  },
  'counts neutral results as failures': {
    make: (world) =>
      passes(breakers(world), (pass) => ({
        record: (verdict) => pass.record(verdict === 'neutral' ? 'failure' : verdict),
        release: () => pass.record('failure'),
      })),
    breaks: [
      'does not count neutral results, nor passes that were released',
      'admits the next probe at once after a neutral one',
    ],
  },
  'never forgets': {
    make: (world) => breakers(world, { windowMs: 1e12 }),
    breaks: ['forgets calls that are older than its window'],
  },
  'has one key': {
    make: (world) => {
      const part = breakers(world);
      return { ...part, acquire: (_key, options) => part.acquire('a', options) };
    },
    breaks: ['keeps each key for itself'],
  },
  'never withdraws a pass': {
    make: (world) => passes(breakers(world), () => ({ isValid: () => true })),
    breaks: ['withdraws the passes of all processes when it opens'],
  },
  'closes by results of earlier calls': {
    make: (world) => {
      const part = breakers(world);
      const late = breakers(world);
      let isClosed = false;
      return {
        ...part,
        acquire: (key, options) => {
          const source = isClosed ? late : part;
          return withLease<BreakerPass>(
            (name, given) => source.acquire(name, given),
            (pass) => ({
              isProbe: pass.isProbe,
              record: (verdict) => {
                if (!pass.isValid() && verdict === 'success') isClosed = true;
                pass.record(verdict);
              },
            }),
          )(key, options);
        },
      };
    },
    breaks: ['ignores the results of calls that began before it opened'],
  },
  'never says that it is open': {
    make: (world) => ({ ...breakers(world), isOpen: () => false }),
    breaks: ['reports until when callers wait, and that it is open, in all processes'],
  },
  'calls every breaker closed': {
    make: (world) => ({ ...breakers(world), standings: () => [{ key: 'a', state: 'closed' }] }),
    breaks: ['names the state of the breakers that it knows'],
  },
  'opens for a moment': {
    make: (world) => breakers(world, { openMs: 100 }),
    breaks: [
      'reports until when callers wait, and that it is open, in all processes',
      'admits one probe after the open time, over all processes',
      'opens for twice as long by a failed probe, up to the longest time',
    ],
  },
  'stays open': {
    make: (world) => breakers(world, { openMs: 1e9, longestOpenMs: 1e9 }),
    breaks: ['closes by a good probe, and admits those that wait in all processes'],
  },
  'never closes': {
    make: (world) => verdicts(breakers(world), (verdict) => (verdict === 'success' ? 'neutral' : verdict)),
    breaks: [
      'closes by a good probe, and admits those that wait in all processes',
      'begins anew with the shortest time once it was closed',
    ],
  },
  'waits for a silent probe': {
    make: (world) => breakers(world, { probeLeaseMs: 1e9 }),
    breaks: ['admits the next probe once the lease of a silent one has ended'],
  },
  'keeps the result of a call open': {
    make: (world) => passes(breakers(world), () => ({ record: () => undefined, release: () => undefined })),
    breaks: ['opens when the failure rate is reached, over the calls of all processes'],
  },
};

describeMutants('slots', SLOTS_PROMISES, SLOTS);
describeMutants('retry budgets', RETRY_BUDGETS_PROMISES, RETRY_BUDGETS);
describeMutants('breakers', BREAKERS_PROMISES, BREAKERS);
