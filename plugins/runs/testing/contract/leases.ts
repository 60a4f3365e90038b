import type { ItemLease } from '../../journal/item.js';
import type { Journal } from '../../journal/journal.js';
import {
  AGAIN,
  appendOf,
  attemptOf,
  claim,
  claimNothing,
  commitOf,
  itemIn,
  LEASE_MS,
  queryOf,
  specOf,
  workerOf,
} from './builders.js';
import { mustEqual, mustRefuse } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about leases and epochs. */
export const LEASES = {
  'gives an item to one of many who claim it at once': by(givesToOne),
  'counts the claims of an item as its epoch': by(countsClaims),
  'refuses every write with an older epoch, and writes nothing': by(refusesOldEpochs),
  'refuses every write for an item that is not leased': by(refusesUnleased),
  'refuses writes for an item or a run that does not exist': by(refusesUnknown),
  'gives an item to nobody else before its lease has expired': by(keepsLeases),
  'lets the owner of an expired lease renew and write until another worker has it': by(onlyAllows),
  'renews a lease from now': by(renews),
  'keeps leases when a journal is closed': by(keepsLeasesOverClose),
} as const satisfies Readonly<Record<string, JournalCheck>>;

const ANOTHER = queryOf(workerOf('w2'));

async function givesToOne({ journal, other }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const journals = [journal, other, journal, other, journal];
  const answers = await Promise.all(journals.map((each, index) => each.claim(queryOf(workerOf(`w${index}`)))));
  mustEqual(answers.filter(({ type }) => type === 'item').length, 1, 'One worker must get the item.');
}

async function countsClaims({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  await journal.release(lease);
  const second = await claim(journal, 'a');
  clock.advance(LEASE_MS);
  const third = await claim(journal, 'a', ANOTHER);
  mustEqual([lease.epoch, second.lease.epoch, third.lease.epoch], [1, 2, 3], 'The epochs are wrong.');
  mustEqual((await itemIn(journal, 'book', 'a')).epoch, 3, 'The epoch of the status is wrong.');
}

/** Every method that writes under a lease. */
const writesOf = (journal: Journal, lease: ItemLease): readonly (readonly [string, () => Promise<unknown>])[] => [
  ['renew', () => journal.renew(lease, LEASE_MS)],
  [
    'checkpoint',
    () => journal.checkpoint(lease, { append: [appendOf(5, ' more')], attempts: [attemptOf({ usd: 1 })] }),
  ],
  ['commit', () => journal.commit(lease, commitOf('First', ' more'))],
  ['fail', () => journal.fail(lease, AGAIN)],
  ['reset', () => journal.reset(lease, AGAIN)],
  ['park', () => journal.park(lease, { reason: 'quota' })],
  ['release', () => journal.release(lease)],
];

async function mustRefuseWrites(journal: Journal, lease: ItemLease, why: string): Promise<void> {
  for (const [name, write] of writesOf(journal, lease)) await mustRefuse(write(), 'lease-lost', `${name} ${why}.`);
}

async function refusesOldEpochs({ journal, other, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const old = await claim(journal, 'a');
  await journal.checkpoint(old.lease, { append: [appendOf(0, 'First')] });
  clock.advance(LEASE_MS);
  const { lease } = await claim(other, 'a', ANOTHER);
  const before = await journal.records('book');
  await mustRefuseWrites(journal, old.lease, 'was accepted after another worker had claimed the item');
  mustEqual(await journal.records('book'), before, 'A refused write has changed the item.');
  await other.commit(lease, commitOf('First', ' more'));
}

async function refusesUnleased({ journal }: JournalScene): Promise<void> {
  const names = ['committed', 'failed', 'retried', 'voided', 'parked', 'released', 'cancelled'];
  await journal.createRun(specOf(names, { concurrency: 9 }));
  const leases = new Map<string, ItemLease>();
  for (const name of names) {
    const { lease } = await claim(journal, name);
    await journal.checkpoint(lease, { append: [appendOf(0, 'First')] });
    leases.set(name, lease);
  }
  const ends: Readonly<Record<string, (lease: ItemLease) => Promise<unknown>>> = {
    committed: (lease) => journal.commit(lease, commitOf('First')),
    failed: (lease) => journal.fail(lease, { error: AGAIN.error }),
    retried: (lease) => journal.fail(lease, AGAIN),
    voided: (lease) => journal.reset(lease, AGAIN),
    parked: (lease) => journal.park(lease, { reason: 'quota' }),
    released: (lease) => journal.release(lease),
    cancelled: () => journal.cancel('book', 'cancelled'),
  };
  for (const [name, lease] of leases) {
    await ends[name]?.(lease);
    const before = await journal.records('book');
    await mustRefuseWrites(journal, lease, `was accepted for an item that is ${name}`);
    mustEqual(await journal.records('book'), before, `A refused write has changed an item that is ${name}.`);
  }
}

async function refusesUnknown({ journal }: JournalScene): Promise<void> {
  const { run } = await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  await mustRefuseWrites(journal, { ...lease, run: 'none' }, 'was accepted for a run that does not exist');
  await mustRefuseWrites(journal, { ...lease, item: 'none' }, `was accepted for an item that ${run.id} does not have`);
  await mustRefuseWrites(journal, { ...lease, epoch: 2 }, 'was accepted with an epoch that was not given yet');
}

async function keepsLeases({ journal, other, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  await claim(journal, 'a');
  clock.advance(LEASE_MS - 1);
  const answer = await claimNothing(other, ANOTHER);
  mustEqual(answer, { type: 'nothing', retryInMs: 1, isBusy: true }, 'The answer is wrong.');
  const { state, until, worker } = await itemIn(other, 'book', 'a');
  mustEqual(
    { state, until, worker },
    { state: 'leased', until: clock.now() + 1, worker: workerOf('w1') },
    'The status of a leased item is wrong.',
  );
}

async function onlyAllows({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b']));
  const { lease } = await claim(journal, 'a');
  const second = await claim(journal, 'b');
  clock.advance(10 * LEASE_MS);
  await journal.checkpoint(lease, { append: [appendOf(0, 'First')] });
  await journal.renew(lease, LEASE_MS);
  await journal.commit(second.lease, commitOf('', 'Text.'));
  const nothing = await claimNothing(journal, ANOTHER);
  mustEqual(nothing, { type: 'nothing', retryInMs: LEASE_MS, isBusy: true }, 'The renewed lease does not count.');
  await journal.commit(lease, commitOf('First', ' more'));
}

async function renews({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  const { since } = await itemIn(journal, 'book', 'a');
  clock.advance(10_000);
  await journal.renew(lease, 7_000);
  const renewed = await itemIn(journal, 'book', 'a');
  mustEqual(
    { since: renewed.since, until: renewed.until },
    { since, until: clock.now() + 7_000 },
    'A lease must end leaseMs after its renewal, and the state has not changed since.',
  );
  clock.advance(6_999);
  await claimNothing(journal, ANOTHER);
  clock.advance(1);
  await claim(journal, 'a', ANOTHER);
}

async function keepsLeasesOverClose({ journal, other, clock }: JournalScene): Promise<void> {
  if (other === journal) return;
  await journal.createRun(specOf(['a']));
  await claim(journal, 'a');
  await journal.close();
  await claimNothing(other, ANOTHER);
  clock.advance(LEASE_MS);
  await claim(other, 'a', ANOTHER);
}
