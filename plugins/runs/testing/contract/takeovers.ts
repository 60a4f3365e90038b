import { appendOf, attemptOf, claim, claimNothing, LEASE_MS, queryOf, specOf, workerOf } from './builders.js';
import { must, mustEqual, mustRefuse } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about items that another worker takes over. */
export const TAKEOVERS = {
  'gives an expired item to another worker with its text': by(takesOver),
  'takes the items of a dead process of this machine at once': by(takesFromTheDead),
  'believes workers of other machines to be alive': by(believesOthers),
  'counts a lease that ends later than its length from now as expired': by(survivesClockSetBack),
  'measures each lease by its own length': by(measuresByLength),
  'lets lost items not keep money from each other': by(freesMoney),
  'lets lost items not keep places from each other': by(freesPlaces),
} as const satisfies Readonly<Record<string, JournalCheck>>;

const ANOTHER = queryOf(workerOf('w2'));

async function takesOver({ journal, other, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  const attempts = [attemptOf({ outcome: 'running', estimatedUsd: 0.5 }), attemptOf({ attempt: 2, usd: 0.25 })];
  await journal.checkpoint(lease, { append: [appendOf(0, 'Wörter')], attempts });
  clock.advance(LEASE_MS);
  const taken = await claim(other, 'a', ANOTHER);
  mustEqual({ text: taken.text, bytes: taken.bytes }, { text: 'Wörter', bytes: 7 }, 'The text is not given on.');
  const [record] = await other.records('book');
  mustEqual(
    record?.records.map(({ outcome }) => outcome),
    ['lost', 'success'],
    'An attempt that was running must be lost, and others stay.',
  );
  mustEqual(record?.cost, { known: 0.25, estimated: 0.5, unmeasuredAttempts: 0 }, 'The cost of a lost attempt counts.');
  mustEqual(record?.worker, workerOf('w2'), 'The status must name the new worker.');
}

async function takesFromTheDead({ journal, other, kill }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b']));
  const { lease } = await claim(journal, 'a');
  await claim(journal, 'b', queryOf(workerOf('w3')));
  kill(workerOf('w1'));
  const taken = await claim(other, 'a', ANOTHER);
  mustEqual(taken.lease.epoch, 2, 'The epoch is wrong.');
  await mustRefuse(journal.renew(lease, LEASE_MS), 'lease-lost', 'The lease of a dead process was renewed.');
  await claimNothing(other, ANOTHER);
}

async function believesOthers({ journal, kill }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const remote = workerOf('w9', 'elsewhere');
  await claim(journal, 'a', queryOf(remote));
  kill(remote);
  await claimNothing(journal, ANOTHER);
}

async function survivesClockSetBack({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b']));
  const { lease } = await claim(journal, 'a');
  clock.set(clock.now() - 1);
  const taken = await claim(journal, 'a', ANOTHER);
  must(taken.lease.epoch === 2, 'A lease further ahead than its length must count as expired.');
  await mustRefuse(journal.renew(lease, LEASE_MS), 'lease-lost', 'The old lease was renewed.');
  await claim(journal, 'b', ANOTHER);
  await claimNothing(journal, ANOTHER);
}

async function measuresByLength({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b']));
  await claim(journal, 'a', queryOf(workerOf('w1'), { leaseMs: 10 * LEASE_MS }));
  const { lease } = await claim(journal, 'b', queryOf(workerOf('w1'), { leaseMs: 10 }));
  await journal.renew(lease, 10 * LEASE_MS);
  await claimNothing(journal, queryOf(workerOf('w2'), { leaseMs: 10 }));
  clock.advance(10 * LEASE_MS - 1);
  await claimNothing(journal, queryOf(workerOf('w2'), { leaseMs: 10 }));
  clock.advance(1);
  await claim(journal, 'a', queryOf(workerOf('w2'), { leaseMs: 10 }));
}

async function freesMoney({ journal, other, kill }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b'], { budgetUsd: 8, concurrency: 2 }));
  for (const item of ['a', 'b']) {
    const { lease } = await claim(journal, item);
    await journal.park(lease, { reason: 'budget', needsUsd: 4 });
    const again = await claim(journal, item);
    await journal.checkpoint(again.lease, { attempts: [attemptOf({ outcome: 'running', estimatedUsd: 2 })] });
  }
  kill(workerOf('w1'));
  mustEqual((await claim(other, 'a', ANOTHER)).holdUsd, 4, 'Nobody else can spend the rest: 8 − 2 − 2.');
  mustEqual(await claimNothing(other, ANOTHER).then(({ isBusy }) => isBusy), true, 'The rest is held.');
}

async function freesPlaces({ journal, other, kill }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c'], { concurrency: 3 }));
  for (const item of ['a', 'b', 'c']) await claim(journal, item);
  kill(workerOf('w1'));
  await journal.resume('book', { concurrency: 1 });
  await claim(other, 'a', ANOTHER);
  await claimNothing(other, ANOTHER);
}
