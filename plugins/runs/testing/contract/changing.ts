import {
  AGAIN,
  appendOf,
  attemptOf,
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
import { mustEqual, mustRefuse } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about pausing, resuming, cancelling and ending runs. */
export const CHANGING = {
  'lets no item of a paused run be claimed, and those in flight go on': by(pauses),
  'resumes a paused run with changed limits': by(resumesPaused),
  'lets failed items of a resumed run try again with their text, and their dependants wait again': by(resumesFailed),
  'lets parked items of a resumed run go on at once': by(resumesParked),
  'leaves a run that is done as it is': by(leavesDone),
  'cancels a run: items in flight lose their lease, done ones stay': by(cancelsRun),
  'cancels one item and what waits for it': by(cancelsItem),
  'never resumes what was cancelled by itself': by(keepsCancelled),
  'ends a run when all its items have ended': by(endsRuns),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function pauses({ journal, other, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b']));
  const { lease } = await claim(journal, 'a');
  await other.pause('book');
  mustEqual((await journal.status('book')).state, 'paused', 'The state is wrong.');
  mustEqual(await claimNothing(journal), { type: 'nothing', isBusy: true }, 'A paused run gives nothing.');
  clock.advance(LEASE_MS);
  await claimNothing(journal, queryOf(workerOf('w2')));
  await journal.renew(lease, LEASE_MS);
  await journal.checkpoint(lease, { append: [appendOf(0, 'Text')] });
  await journal.commit(lease, commitOf('Text', '.'));
  await journal.pause('book');
  mustEqual((await journal.status('book')).state, 'paused', 'A run may be paused again.');
}

async function resumesPaused({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b'], { concurrency: 1 }));
  await journal.pause('book');
  const { state, limits } = await journal.resume('book', { concurrency: 2, budgetUsd: 6 });
  mustEqual(
    { state, limits },
    { state: 'running', limits: { concurrency: 2, budgetUsd: 6, tries: 3, restarts: 2 } },
    'The resumed run is wrong.',
  );
  await claim(journal, 'a');
  await claim(journal, 'b');
}

async function resumesFailed({ journal, clock }: JournalScene): Promise<void> {
  const items = ['a', { id: 'b', after: ['a'] }, { id: 'c', after: ['b'] }];
  await journal.createRun(specOf(items, { tries: 1 }));
  const { lease } = await claim(journal, 'a');
  await journal.checkpoint(lease, { append: [appendOf(0, 'Text')] });
  await journal.fail(lease, { error: ERROR });
  mustEqual((await journal.status('book')).endedAt, clock.now(), 'The run has ended.');
  const run = await journal.resume('book');
  mustEqual({ state: run.state, endedAt: run.endedAt }, { state: 'running', endedAt: undefined }, 'The run goes on.');
  mustEqual(await statesIn(journal, 'book'), { a: 'ready', b: 'waiting', c: 'waiting' }, 'The items are wrong.');
  const { text, tries } = await write(journal, 'a', ' more');
  mustEqual({ text, tries }, { text: 'Text', tries: 0 }, 'The item must go on from its text, with all its tries.');
  await write(journal, 'b');
  await write(journal, 'c');
  mustEqual((await journal.status('book')).state, 'done', 'The run must be done.');
}

async function resumesParked({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b']));
  await journal.park((await claim(journal, 'a')).lease, { reason: 'quota', forMs: 60_000 });
  await journal.park((await claim(journal, 'b')).lease, { reason: 'budget' });
  await journal.resume('book');
  const { state, reason, until } = await itemIn(journal, 'book', 'a');
  mustEqual({ state, reason, until }, { state: 'ready', reason: undefined, until: undefined }, 'The item is wrong.');
  await claim(journal, 'a');
  await claim(journal, 'b');
}

async function leavesDone({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  await write(journal, 'a');
  const before = { run: await journal.status('book'), records: await journal.records('book') };
  mustEqual(await journal.resume('book', { concurrency: 9 }), before.run, 'resume must return the run as it is.');
  await mustRefuse(journal.pause('book'), 'ended-run', 'A run that is done was paused.');
  await mustRefuse(journal.cancel('book'), 'ended-run', 'A run that is done was cancelled.');
  mustEqual(
    { run: await journal.status('book'), records: await journal.records('book') },
    before,
    'The run has changed.',
  );
}

async function cancelsRun({ journal, other, clock }: JournalScene): Promise<void> {
  const items = ['done', 'failed', 'leased', 'parked', 'ready', { id: 'waiting', after: ['ready'] }];
  await journal.createRun(specOf(items, { concurrency: 9 }));
  await write(journal, 'done');
  await journal.fail((await claim(journal, 'failed')).lease, { error: ERROR });
  const { lease } = await claim(journal, 'leased');
  await journal.checkpoint(lease, { attempts: [attemptOf({ outcome: 'running', estimatedUsd: 1 })] });
  await journal.park((await claim(journal, 'parked')).lease, { reason: 'quota', forMs: 1 });
  await other.cancel('book');
  const cancelled = 'cancelled';
  mustEqual(
    await statesIn(journal, 'book'),
    { done: 'done', failed: 'failed', leased: cancelled, parked: cancelled, ready: cancelled, waiting: cancelled },
    'The items are wrong.',
  );
  await mustRefuse(journal.commit(lease, commitOf('')), 'lease-lost', 'A cancelled item was committed.');
  const { state, endedAt, cost, heldUsd } = await journal.status('book');
  mustEqual(
    { state, endedAt, estimated: cost.estimated, heldUsd },
    { state: 'cancelled', endedAt: clock.now(), estimated: 1, heldUsd: 0 },
    'The run is wrong.',
  );
  mustEqual((await itemIn(journal, 'book', 'leased')).reason, 'cancelled', 'The reason is wrong.');
  await journal.cancel('book');
  await mustRefuse(journal.resume('book'), 'ended-run', 'A cancelled run was resumed.');
  await mustRefuse(journal.pause('book'), 'ended-run', 'A cancelled run was paused.');
  clock.advance(10 * LEASE_MS);
  await claimNothing(journal);
}

async function cancelsItem({ journal }: JournalScene): Promise<void> {
  const items = ['a', { id: 'b', after: ['a'] }, { id: 'c', after: ['b'] }, 'd'];
  await journal.createRun(specOf(items));
  const { lease } = await claim(journal, 'a');
  await journal.cancel('book', 'a');
  mustEqual(
    await statesIn(journal, 'book'),
    { a: 'cancelled', b: 'cancelled', c: 'cancelled', d: 'ready' },
    'The item and what waits for it must be cancelled.',
  );
  const reasons = (await journal.items('book')).slice(0, 3).map(({ reason }) => reason);
  mustEqual(reasons, ['cancelled', 'item "a" was cancelled', 'item "a" was cancelled'], 'The reasons are wrong.');
  await mustRefuse(journal.release(lease), 'lease-lost', 'The lease of a cancelled item still counts.');
  await write(journal, 'd');
  await mustRefuse(journal.resume('book'), 'ended-run', 'Nothing of this run can go on.');
  mustEqual((await journal.status('book')).state, 'cancelled', 'The run ends as cancelled.');
}

async function keepsCancelled({ journal }: JournalScene): Promise<void> {
  const items = ['a', 'b', { id: 'c', after: ['a', 'b'] }, { id: 'd', after: ['a'] }];
  await journal.createRun(specOf(items));
  await journal.fail((await claim(journal, 'a')).lease, { error: ERROR });
  await journal.cancel('book', 'b');
  await journal.cancel('book', 'b');
  mustEqual((await journal.status('book')).state, 'failed', 'An item has failed.');
  await journal.resume('book');
  mustEqual(
    await statesIn(journal, 'book'),
    { a: 'ready', b: 'cancelled', c: 'cancelled', d: 'waiting' },
    'An item that was cancelled by itself, and what waits for it, stay cancelled.',
  );
}

async function endsRuns({ journal, clock }: JournalScene): Promise<void> {
  const stateOf = async (): Promise<unknown> => {
    const { state, endedAt } = await journal.status('book');
    return { state, endedAt };
  };
  await journal.createRun(specOf(['a', 'b', 'c'], { tries: 2 }));
  clock.advance(7);
  await write(journal, 'a');
  const b = await claim(journal, 'b');
  const c = await claim(journal, 'c');
  await journal.fail(b.lease, AGAIN);
  mustEqual(await stateOf(), { state: 'running', endedAt: undefined }, 'Items can go on.');
  await journal.fail((await claim(journal, 'b')).lease, AGAIN);
  mustEqual(await stateOf(), { state: 'running', endedAt: undefined }, 'An item is in flight.');
  await journal.pause('book');
  clock.advance(7);
  await journal.commit(c.lease, commitOf(''));
  mustEqual(await stateOf(), { state: 'failed', endedAt: clock.now() }, 'All items have ended.');
}
