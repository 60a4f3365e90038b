import type { ItemLease } from '../../journal/item.js';
import type { Journal } from '../../journal/journal.js';
import {
  AGAIN,
  attemptOf,
  claim,
  claimNothing,
  commitOf,
  itemIn,
  LEASE_MS,
  queryOf,
  specOf,
  statesIn,
  workerOf,
} from './builders.js';
import { must, mustEqual } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about budgets. */
export const MONEY = {
  'holds no money in a run without a budget': by(holdsNothing),
  'holds for each claim its share of what is left': by(holdsShares),
  'counts what an item in flight spends against what it holds': by(spendsHolds),
  'gives back at the end of a claim what it did not spend': by(settles),
  'counts the estimates of lost attempts against the budget': by(countsLost),
  'claims an item of unknown price alone, and holds all that is left for it': by(holdsAllForUnpriced),
  'holds at least what an item needs, and claims it only then': by(holdsNeeds),
  'leaves an item where it is while others hold what it needs': by(leavesWhileHeld),
  'parks an item for which the budget does not suffice, until the run is resumed': by(parksForBudget),
  'holds again for an item that another worker takes over': by(holdsAgain),
  'goes on with a larger budget when a run is resumed': by(goesOn),
  'never holds more than is left': by(neverHoldsMore),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function holdsNothing({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf([{ id: 'a', isPriced: false }, 'b']));
  mustEqual('holdUsd' in (await claim(journal, 'a')), false, 'There is no budget to hold a share of.');
  await claim(journal, 'b');
  mustEqual((await journal.status('book')).heldUsd, 0, 'Nothing is held.');
}

async function holdsShares({ journal, other }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c'], { budgetUsd: 8, concurrency: 2 }));
  mustEqual((await claim(journal, 'a')).holdUsd, 4, 'A share is left / (concurrency − items in flight).');
  const b = await claim(other, 'b');
  mustEqual(b.holdUsd, 4, 'The last place holds all that is left.');
  mustEqual((await journal.status('book')).heldUsd, 8, 'heldUsd must be the sum of what is held.');
  await spend(journal, b.lease, 1);
  await journal.commit(b.lease, commitOf('', 'Text.'));
  mustEqual((await claim(journal, 'c')).holdUsd, 3, 'What was not spent is held again: 8 − 1 − 4.');
}

/** Records an attempt that has ended and cost this much. */
const spend = (journal: Journal, lease: ItemLease, usd: number): Promise<void> =>
  journal.checkpoint(lease, { attempts: [attemptOf({ generation: `${lease.item} ${lease.epoch} ${usd}`, usd })] });

async function spendsHolds({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b'], { budgetUsd: 4, concurrency: 2 }));
  const { lease } = await claim(journal, 'a');
  await spend(journal, lease, 0.5);
  mustEqual((await journal.status('book')).heldUsd, 1.5, 'What is spent is not held any more.');
  await spend(journal, lease, 3);
  mustEqual((await journal.status('book')).heldUsd, 0, 'A claim cannot hold less than nothing.');
  mustEqual((await claim(journal, 'b')).holdUsd, 0.5, 'What exceeds a hold is missing for others.');
}

async function settles({ journal }: JournalScene): Promise<void> {
  const ends: readonly ((lease: ItemLease) => Promise<unknown>)[] = [
    (lease) => journal.commit(lease, commitOf('')),
    (lease) => journal.fail(lease, AGAIN),
    (lease) => journal.reset(lease, AGAIN),
    (lease) => journal.park(lease, { reason: 'quota' }),
    (lease) => journal.release(lease),
    (lease) => journal.fail(lease, { error: AGAIN.error }),
    ({ run, item }) => journal.cancel(run, item),
  ];
  for (const [index, end] of ends.entries()) {
    const name = `book-${index}`;
    await journal.createRun(specOf(['a', 'b'], { name, budgetUsd: 4, concurrency: 1 }));
    const { lease } = await claim(journal, 'a', queryOf(undefined, { run: name }));
    await spend(journal, lease, 1);
    await end(lease);
    const { heldUsd, cost } = await journal.status(name);
    mustEqual({ heldUsd, known: cost.known }, { heldUsd: 0, known: 1 }, 'An ended claim holds nothing.');
    const next = await claim(journal, undefined, queryOf(undefined, { run: name }));
    mustEqual(next.holdUsd, 3, 'The rest must be free again.');
  }
}

async function countsLost({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a'], { budgetUsd: 4, concurrency: 1 }));
  const { lease } = await claim(journal, 'a');
  await journal.checkpoint(lease, { attempts: [attemptOf({ outcome: 'running', estimatedUsd: 1.5 })] });
  mustEqual((await journal.status('book')).heldUsd, 2.5, 'The estimate of a running attempt counts as spent.');
  clock.advance(LEASE_MS);
  mustEqual((await claim(journal, 'a', queryOf(workerOf('w2')))).holdUsd, 2.5, 'The estimate counts for good.');
}

async function holdsAllForUnpriced({ journal }: JournalScene): Promise<void> {
  const items = ['a', { id: 'b', isPriced: false }, 'c'];
  await journal.createRun(specOf(items, { budgetUsd: 8, concurrency: 4 }));
  const a = await claim(journal, 'a');
  const c = await claim(journal, 'c');
  await claimNothing(journal);
  await journal.commit(a.lease, commitOf(''));
  await claimNothing(journal);
  await journal.park(c.lease, { reason: 'quota', forMs: 0 });
  const b = await claim(journal, 'b');
  mustEqual(b.holdUsd, 8, 'It holds all that is left.');
  await claimNothing(journal);
  mustEqual(await statesIn(journal, 'book'), { a: 'done', b: 'leased', c: 'parked' }, 'It must run alone.');
  await journal.commit(b.lease, commitOf(''));
  await claim(journal, 'c');
}

async function holdsNeeds({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c'], { budgetUsd: 8, concurrency: 4 }));
  const a = await claim(journal, 'a');
  await journal.park(a.lease, { reason: 'budget', needsUsd: 5, forMs: 1_000 });
  const { state, until, reason } = await itemIn(journal, 'book', 'a');
  mustEqual({ state, until, reason }, { state: 'ready', until: undefined, reason: 'budget' }, 'It is ready at once.');
  const again = await claim(journal, 'a');
  mustEqual(again.holdUsd, 5, 'It must hold what it needs.');
  mustEqual((await claim(journal, 'b')).holdUsd, 1, 'Others share the rest: 3 / 3.');
  mustEqual((await journal.status('book')).heldUsd, 6, 'heldUsd is wrong.');
}

async function leavesWhileHeld({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c'], { budgetUsd: 8, concurrency: 2 }));
  const a = await claim(journal, 'a');
  const b = await claim(journal, 'b');
  await journal.park(a.lease, { reason: 'budget', needsUsd: 6 });
  const c = await claim(journal, 'c');
  await journal.commit(b.lease, commitOf(''));
  mustEqual((await claimNothing(journal)).isBusy, true, 'What it needs is held by another item.');
  mustEqual((await statesIn(journal, 'book'))['a'], 'ready', 'The item must stay ready.');
  await journal.commit(c.lease, commitOf(''));
  mustEqual((await claim(journal, 'a')).holdUsd, 6, 'What it needs is free now.');
}

async function parksForBudget({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', { id: 'c', isPriced: false }], { budgetUsd: 1, concurrency: 1 }));
  const { lease } = await claim(journal, 'a');
  await spend(journal, lease, 1.25);
  await claimNothing(journal);
  mustEqual((await statesIn(journal, 'book'))['b'], 'ready', 'Something is in flight.');
  await journal.commit(lease, commitOf(''));
  mustEqual(await claimNothing(journal), { type: 'nothing', isBusy: false }, 'Nothing can go on.');
  const parked = (await journal.items('book')).slice(1).map(({ state, reason, until }) => ({ state, reason, until }));
  const expected = { state: 'parked', reason: 'budget', until: undefined };
  mustEqual(parked, [expected, expected], 'Items must be parked when the budget is spent.');
  const { state, reason } = await journal.status('book');
  mustEqual({ state, reason }, { state: 'running', reason: 'budget' }, 'The run says why it waits.');
}

async function holdsAgain({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b'], { budgetUsd: 8, concurrency: 2 }));
  const { lease } = await claim(journal, 'a');
  await claim(journal, 'b');
  await spend(journal, lease, 1);
  clock.advance(LEASE_MS);
  const taken = await claim(journal, 'a', queryOf(workerOf('w2')));
  mustEqual(taken.holdUsd, 3, 'The taken item holds what is left: 8 − 1 − 4.');
  mustEqual((await journal.status('book')).heldUsd, 7, 'The old claim holds nothing any more.');
}

async function goesOn({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a'], { budgetUsd: 1, concurrency: 1 }));
  const first = await claim(journal, 'a');
  await journal.park(first.lease, { reason: 'budget', needsUsd: 2 });
  await claimNothing(journal);
  mustEqual(await statesIn(journal, 'book'), { a: 'parked' }, 'It needs more than the whole budget.');
  await journal.resume('book', { budgetUsd: 1.5 });
  await claimNothing(journal);
  mustEqual(await statesIn(journal, 'book'), { a: 'parked' }, 'It still needs more.');
  const { limits } = await journal.resume('book', { budgetUsd: 3 });
  mustEqual(limits, { concurrency: 1, budgetUsd: 3, tries: 3, restarts: 2 }, 'Other limits stay.');
  mustEqual((await claim(journal, 'a')).holdUsd, 3, 'It goes on.');
}

/** A cent less or more is a rounding error of binary fractions, not money. */
const ROUNDING_USD = 1e-6;

async function neverHoldsMore({ journal }: JournalScene): Promise<void> {
  const ids = Array.from({ length: 40 }, (_, index) => `i${index}`);
  await journal.createRun(specOf(ids, { budgetUsd: 1, concurrency: 7 }));
  const open: ItemLease[] = [];
  for (let turn = 0; turn < 60; turn += 1) {
    const answer = await journal.claim(queryOf());
    if (answer.type === 'item') {
      open.push(answer.item.lease);
      if (turn % 2 === 0) await spend(journal, answer.item.lease, (answer.item.holdUsd ?? 0) / 3);
    }
    if (answer.type === 'nothing' || turn % 3 === 0) {
      const ended = open.shift();
      if (ended !== undefined) await journal.commit(ended, commitOf(''));
    }
    const { heldUsd, cost, limits } = await journal.status('book');
    const all = cost.known + cost.estimated + heldUsd;
    must(all <= limits.budgetUsd + ROUNDING_USD, `${all} US dollars are spent or held, of ${limits.budgetUsd}.`);
  }
}
