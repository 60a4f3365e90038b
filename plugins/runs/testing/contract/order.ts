import {
  AGAIN,
  claim,
  claimNothing,
  commitOf,
  ERROR,
  itemIn,
  LEASE_MS,
  queryOf,
  specOf,
  statesIn,
  workerOf,
  write,
} from './builders.js';
import { mustEqual } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about the order of claims, and about items that wait for others. */
export const ORDER = {
  'claims the items of a run in their order': by(claimsInOrder),
  'claims an item that is ready again before later ones': by(claimsReadyAgain),
  'claims from the run with the fewest items in flight, then from the oldest': by(isFair),
  'claims from the given run only': by(claimsFromOne),
  'keeps the concurrency of a run over all workers': by(keepsConcurrency),
  'takes over an expired item where the concurrency is used up': by(takesOverAtTheLimit),
  'reports when to ask again, and whether items are in flight': by(reportsWhen),
  'starts an item when all items before it are done': by(waits),
  'wakes dependants in the order of the run': by(wakesInOrder),
  'cancels what waits for a failed item, directly or not': by(cancelsDependants),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function claimsInOrder({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['b', 'a', 'c'], { concurrency: 3 }));
  for (const id of ['b', 'a', 'c']) await claim(journal, id);
  mustEqual(
    await claimNothing(journal),
    { type: 'nothing', retryInMs: LEASE_MS, isBusy: true },
    'The answer is wrong.',
  );
}

async function claimsReadyAgain({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c']));
  const first = await claim(journal, 'a');
  await claim(journal, 'b');
  await journal.release(first.lease);
  await claim(journal, 'a');
}

async function isFair({ journal, clock }: JournalScene): Promise<void> {
  for (const name of ['old', 'middle', 'new']) {
    await journal.createRun(specOf(['1', '2', '3'], { name }));
    clock.advance(1);
  }
  const names = new Map((await journal.runs()).map(({ id, name }) => [id, name]));
  const order = [];
  for (let turn = 0; turn < 7; turn += 1) {
    const { lease } = await claim(journal);
    order.push(`${names.get(lease.run)} ${lease.item}`);
    if (turn === 3) await journal.commit(lease, commitOf('', 'Text.'));
  }
  mustEqual(order, ['old 1', 'middle 1', 'new 1', 'old 2', 'old 3', 'middle 2', 'new 2'], 'The order is wrong.');
}

async function claimsFromOne({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['1'], { name: 'old' }));
  const { run } = await journal.createRun(specOf(['1'], { name: 'new' }));
  const query = queryOf(undefined, { run: run.id });
  mustEqual((await claim(journal, '1', query)).lease.run, run.id, 'Another run was claimed from.');
  await claimNothing(journal, query);
}

async function keepsConcurrency({ journal, other }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c'], { concurrency: 2 }));
  const journals = [journal, other, journal, other];
  const answers = await Promise.all(journals.map((each, index) => each.claim(queryOf(workerOf(`w${index}`)))));
  mustEqual(answers.filter(({ type }) => type === 'item').length, 2, 'Two items may be in flight.');
  await journal.resume('book', { concurrency: 3 });
  await claim(other, 'c');
}

async function takesOverAtTheLimit({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b'], { concurrency: 1 }));
  await claim(journal, 'a');
  clock.advance(LEASE_MS);
  const { lease } = await claim(journal, 'a', queryOf(workerOf('w2')));
  await claimNothing(journal, queryOf(workerOf('w3')));
  await journal.commit(lease, commitOf('', 'Text.'));
  await claim(journal, 'b');
}

async function reportsWhen({ journal, clock }: JournalScene): Promise<void> {
  mustEqual(await claimNothing(journal), { type: 'nothing', isBusy: false }, 'There is no run.');
  await journal.createRun(specOf(['a', 'b', 'c', { id: 'd', after: ['c'] }]));
  const a = await claim(journal, 'a');
  const b = await claim(journal, 'b');
  const c = await claim(journal, 'c');
  mustEqual(await claimNothing(journal), { type: 'nothing', retryInMs: LEASE_MS, isBusy: true }, 'A lease may expire.');
  await journal.fail(a.lease, { error: ERROR, retryInMs: 700 });
  await journal.park(b.lease, { reason: 'quota', forMs: 900 });
  mustEqual(await claimNothing(journal), { type: 'nothing', retryInMs: 700, isBusy: true }, 'A backoff ends first.');
  await journal.park(c.lease, { reason: 'budget' });
  clock.advance(100);
  mustEqual(await claimNothing(journal), { type: 'nothing', retryInMs: 600, isBusy: false }, 'Nothing is in flight.');
  await journal.pause('book');
  mustEqual(await claimNothing(journal), { type: 'nothing', isBusy: false }, 'A paused run waits for a change.');
}

async function waits({ journal }: JournalScene): Promise<void> {
  const items = ['a', 'b', { id: 'c', after: ['a', 'b'] }, { id: 'd', after: ['c'] }];
  await journal.createRun(specOf(items));
  const a = await claim(journal, 'a');
  const b = await claim(journal, 'b');
  await claimNothing(journal);
  await journal.commit(a.lease, commitOf('', 'A.'));
  mustEqual((await statesIn(journal, 'book'))['c'], 'waiting', 'An item waits for all items before it.');
  await claimNothing(journal);
  await journal.commit(b.lease, commitOf('', 'B.'));
  mustEqual(
    await statesIn(journal, 'book'),
    { a: 'done', b: 'done', c: 'ready', d: 'waiting' },
    'A commit makes ready what waits for nothing else.',
  );
  await write(journal, 'c');
  await write(journal, 'd');
  mustEqual((await journal.status('book')).state, 'done', 'The run must be done.');
}

async function wakesInOrder({ journal }: JournalScene): Promise<void> {
  const items = [{ id: 'x', after: ['z'] }, { id: 'y', after: ['z'] }, 'z'];
  await journal.createRun(specOf(items));
  await write(journal, 'z');
  await claim(journal, 'x');
  await claim(journal, 'y');
}

async function cancelsDependants({ journal }: JournalScene): Promise<void> {
  const items = ['a', { id: 'b', after: ['a'] }, { id: 'c', after: ['b', 'e'] }, { id: 'd', after: ['e'] }, 'e'];
  await journal.createRun(specOf(items));
  const { lease } = await claim(journal, 'a');
  await journal.fail(lease, { error: AGAIN.error });
  mustEqual(
    await statesIn(journal, 'book'),
    { a: 'failed', b: 'cancelled', c: 'cancelled', d: 'waiting', e: 'ready' },
    'What waits for a failed item is cancelled, and nothing else.',
  );
  const reasons = [await itemIn(journal, 'book', 'b'), await itemIn(journal, 'book', 'c')].map(({ reason }) => reason);
  mustEqual(reasons, ['item "a" has failed', 'item "a" has failed'], 'The reason names the item that has failed.');
  await write(journal, 'e');
  await write(journal, 'd');
  mustEqual((await journal.status('book')).state, 'failed', 'The run has failed when nothing can go on.');
}
