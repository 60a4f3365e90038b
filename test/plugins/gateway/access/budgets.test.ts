import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BudgetError, fileStateStore, GenerationError, memoryStateStore } from 'scriptorium';
import type { StateStore } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import type { Access, Admitted } from '../../../../plugins/gateway/access/access.js';
import { makeAccess } from '../../../../plugins/gateway/access/make-access.js';
import type { Policy } from '../../../../plugins/gateway/access/policy.js';
import { flushed } from '../../../support/flushed.js';
import { failureOf } from '../../../support/pipelines.js';
import { runs } from '../../../support/runs.js';
import { aScene, asking } from './scene.js';

const DAY_MS = 86_400_000;
const never = (): AbortSignal => new AbortController().signal;
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-budgets-'));
  folders.push(folder);
  return join(folder, 'gateway.json');
}

/** A place for a generation of the local client. */
function admit(access: Access, signal = never()): Promise<Admitted> {
  return access.admit(access.clientOf(asking()), signal);
}

/** Whether a promise has an answer by now. */
async function stateOf(promise: Promise<unknown>): Promise<'waiting' | 'admitted' | 'refused'> {
  let state: 'waiting' | 'admitted' | 'refused' = 'waiting';
  promise.then(
    () => (state = 'admitted'),
    () => (state = 'refused'),
  );
  await flushed();
  return state;
}

describe('a budget', () => {
  it('is held by generations that run: one that does not fit waits for their end', async () => {
    const { access } = aScene({ policy: { budget: { dayUsd: 1, generationUsd: 0.4 } } });
    const [first, second] = [await admit(access), await admit(access)];
    const third = admit(access);
    const before = await stateOf(third);
    first.release({ usd: 0.1, tokens: 1 });
    expect({
      caps: [first, second].map(({ generationUsd }) => generationUsd),
      before,
      after: await stateOf(third),
    }).toEqual({ caps: [0.4, 0.4], before: 'waiting', after: 'admitted' });
    access.close();
  });

  it('gives the last of it to one generation, then refuses with what was spent and when it begins again', async () => {
    const { access, clock } = aScene({ policy: { budget: { dayUsd: 1, generationUsd: 0.7 } } });
    (await admit(access)).release({ usd: 0.7, tokens: 1 });
    const last = await admit(access);
    last.release({ usd: 0.3, tokens: 1 });
    const error = await failureOf(admit(access));
    expect({ cap: last.generationUsd, error }).toMatchObject({
      cap: 0.3,
      error: { code: 'budget', status: 402, limit: 1, spent: 1, retryAt: clock.now() + DAY_MS },
    });
    expect({ isBudgetError: error instanceof BudgetError, message: error.message }).toEqual({
      isBudgetError: true,
      message:
        'The key "local" has spent $1.00 of its day\'s budget of $1.00. The next day begins at 2026-01-02T00:00Z. Raise budget.dayUsd of its policy for more.',
    });
    access.close();
  });

  it('is held as a whole by each generation where the policy names no most for one', async () => {
    const { access } = aScene({ policy: { budget: { totalUsd: 2 } } });
    const first = await admit(access);
    const second = admit(access);
    const before = await stateOf(second);
    first.release({ usd: 0.5, tokens: 1 });
    expect({ first: first.generationUsd, before, second: (await second).generationUsd }).toEqual({
      first: 2,
      before: 'waiting',
      second: 1.5,
    });
    access.close();
  });

  it('caps single generations alone, if it says no more', async () => {
    const { access } = aScene({ policy: { budget: { generationUsd: 0.2 } } });
    const places = await Promise.all([admit(access), admit(access), admit(access)]);
    expect(places.map(({ generationUsd }) => generationUsd)).toEqual([0.2, 0.2, 0.2]);
    access.close();
  });

  it('begins again with the day and with the month, and the total never does', async () => {
    const spendOn = async (budget: NonNullable<Policy['budget']>, start: number): Promise<string[]> => {
      const clock = new ManualClock(start);
      const { access } = aScene({ clock, policy: { budget } });
      const outcomes = [];
      for (let day = 0; day < 3; day += 1) {
        const outcome = await admit(access).then(
          (place) => {
            place.release({ usd: 1, tokens: 1 });
            return 'admitted';
          },
          (error: unknown) => (error as Error).message.replace(/^.*? of its (.*?) of .*$/, '$1'),
        );
        outcomes.push(outcome);
        await flushed();
        clock.advance(DAY_MS);
      }
      access.close();
      return outcomes;
    };
    const start = Date.UTC(2026, 0, 30, 12);
    expect({
      day: await spendOn({ dayUsd: 1 }, start),
      month: await spendOn({ monthUsd: 1 }, start),
      total: await spendOn({ totalUsd: 1 }, start),
    }).toEqual({
      day: ['admitted', 'admitted', 'admitted'],
      month: ['admitted', "month's budget", 'admitted'],
      total: ['admitted', 'total budget', 'total budget'],
    });
  });

  it('survives a restart, and counts what a killed process held as spent after ten minutes', async () => {
    const path = aFile();
    const clock = new ManualClock();
    const policy = { budget: { dayUsd: 1, generationUsd: 0.6 }, maxWaitMs: DAY_MS };
    const first = aScene({ clock, policy, store: fileStateStore(path, clock) });
    (await admit(first.access)).release({ usd: 0.1, tokens: 1 });
    await admit(first.access); // Never released: its process is killed.
    first.access.close();
    const second = aScene({ clock, policy, store: fileStateStore(path, clock) });
    const place = admit(second.access);
    const before = await stateOf(place);
    await second.pass(601_000);
    expect({ before, cap: (await place).generationUsd }).toEqual({ before: 'waiting', cap: 0.3 });
    second.access.close();
  });

  it('is held for as long as the generation runs, hours too', async () => {
    const store = memoryStateStore();
    const clock = new ManualClock();
    const policy = { budget: { totalUsd: 1 }, maxWaitMs: DAY_MS };
    const [one, other] = [aScene({ clock, policy, store }), aScene({ clock, policy, store })];
    const first = await admit(one.access);
    const second = admit(other.access);
    await one.pass(3 * 3_600_000);
    const before = await stateOf(second);
    first.release({ usd: 0.25, tokens: 1 });
    await one.pass(1_000);
    expect({ before, cap: (await second).generationUsd }).toEqual({ before: 'waiting', cap: 0.75 });
    one.access.close();
    other.access.close();
  });

  it('counts a generation once, however often it is released, and whatever the store does twice', async () => {
    const memory = memoryStateStore();
    const twice: StateStore = {
      update: (key, change) => {
        void memory.update(key, change);
        return memory.update(key, change);
      },
    };
    const { access } = aScene({ store: twice, policy: { budget: { totalUsd: 1, generationUsd: 0.5 } } });
    const place = await admit(access);
    place.release({ usd: 0.25, tokens: 1 });
    place.release({ usd: 0.25, tokens: 1 });
    await flushed();
    const [second, third] = [await admit(access), admit(access)];
    second.release({ usd: 0, tokens: 0 });
    await third;
    expect(memory.update('gateway-account-local', (old) => old)).toMatchObject({ totalNano: 250_000_000 });
    access.close();
  });

  it('waits no longer than the policy says, and leaves the line with its client', async () => {
    const { access, pass, clock } = aScene({ policy: { budget: { dayUsd: 1 }, maxWaitMs: 5_000 } });
    const first = await admit(access);
    const gone = new AbortController();
    const [left, late] = [admit(access, gone.signal), admit(access)].map((place) => failureOf(place));
    gone.abort();
    await pass(5_000);
    const error = await late;
    expect({ left: (await left)?.code, late: error?.code, status: error?.status, retryAt: error?.retryAt }).toEqual({
      left: 'aborted',
      late: 'rate-limit',
      status: 429,
      retryAt: clock.now() + 1_000,
    });
    first.release({ usd: 0, tokens: 0 });
    expect(await stateOf(admit(access))).toBe('admitted');
    access.close();
  });

  it('lets nothing through while its store fails, and stores later what was spent meanwhile', async () => {
    const memory = memoryStateStore();
    let fails = false;
    const store: StateStore = {
      update: (key, change) => {
        if (fails) throw new GenerationError('unavailable', 'The store is away.');
        return memory.update(key, change);
      },
    };
    const { access, warnings } = aScene({ store, policy: { budget: { totalUsd: 1, generationUsd: 0.5 } } });
    const place = await admit(access);
    fails = true;
    place.release({ usd: 0.4, tokens: 1 });
    const refused = (await failureOf(admit(access))).code;
    fails = false;
    const second = await admit(access);
    expect({ refused, cap: second.generationUsd, warnings: warnings.length }).toEqual({
      refused: 'unavailable',
      cap: 0.5,
      warnings: 1,
    });
    expect(memory.update('gateway-account-local', (old) => old)).toMatchObject({ totalNano: 400_000_000 });
    access.close();
  });
});

/** One generation of the property: how long it runs, and which share of its cap it spends. */
interface Drawn {
  readonly ms: number;
  readonly share: number;
  readonly process: 0 | 1;
}

const aGeneration: fc.Arbitrary<Drawn> = fc.record({
  ms: fc.integer({ min: 0, max: 20_000 }),
  share: fc.constantFrom(0, 0.01, 0.3, 0.999, 1),
  process: fc.constantFrom(0 as const, 1 as const),
});

describe('fifty generations at once, in two processes', () => {
  it('never spend more than the budget, and none waits for ever or is refused while there is money', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aGeneration, { minLength: 50, maxLength: 50 }),
        fc.record({
          totalUsd: fc.constantFrom(0.01, 0.37, 1, 5),
          generationUsd: fc.option(fc.constantFrom(0.05, 0.1, 0.33, 2), { nil: undefined }),
          isLater: fc.boolean(),
        }),
        async (drawn, world) => {
          const outcome = await spendAll(drawn, world);
          expect(outcome).toEqual({ overdrawn: [], ended: 50, refusedTooEarly: [] });
        },
      ),
      { numRuns: runs(0.4) },
    );
  });
});

async function spendAll(
  drawn: readonly Drawn[],
  { totalUsd, generationUsd, isLater }: { totalUsd: number; generationUsd: number | undefined; isLater: boolean },
) {
  const clock = new ManualClock();
  const memory = memoryStateStore();
  const store: StateStore = isLater
    ? { update: (key, change) => Promise.resolve().then(() => memory.update(key, change)) }
    : memory;
  const policy = { maxWaitMs: DAY_MS, budget: { totalUsd, ...(generationUsd !== undefined && { generationUsd }) } };
  const accesses = [0, 1].map(() => makeAccess({ policy, clock, store, warn: () => undefined }));
  await Promise.all(accesses.map((access) => access.hasKeys()));
  let [spent, held, ended] = [0, 0, 0];
  const [overdrawn, refusedTooEarly]: [number[], number[]] = [[], []];
  drawn.forEach(({ ms, share, process }) => {
    admit(accesses[process]!).then(
      (place) => {
        const cap = Math.round(place.generationUsd! * 1e9);
        held += cap;
        if (spent + held > Math.round(totalUsd * 1e9)) overdrawn.push(spent + held);
        clock.setTimer(ms, () => {
          const cost = Math.floor(cap * share);
          [held, spent, ended] = [held - cap, spent + cost, ended + 1];
          place.release({ usd: cost / 1e9, tokens: 1 });
        });
      },
      (error: unknown) => {
        ended += 1;
        if (!(error instanceof BudgetError) || spent < Math.round(totalUsd * 1e9)) refusedTooEarly.push(spent);
      },
    );
  });
  for (let second = 0; second < 3_600 && ended < drawn.length; second += 1) {
    await flushed();
    clock.advance(1_000);
  }
  accesses.forEach((access) => access.close());
  return { overdrawn, ended, refusedTooEarly };
}
