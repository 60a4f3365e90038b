import { appendOf, claim, claimNothing, ERROR, itemIn, specOf } from './builders.js';
import { mustEqual } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about parked items. */
export const PARKING = {
  'parks an item until a time, with the reason': by(parksUntil),
  'parks an item until its run is resumed': by(parksUntilResumed),
  'reports until when a run waits in which nothing can go on': by(reportsUntil),
  'makes a given back item ready at once': by(releases),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function parksUntil({ journal, other, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  await journal.park(lease, { reason: 'quota', forMs: 60_000, error: ERROR, append: [appendOf(0, 'Text')] });
  const { state, reason, since, until, error, bytes } = await itemIn(other, 'book', 'a');
  mustEqual(
    { state, reason, since, until, error, bytes },
    { state: 'parked', reason: 'quota', since: clock.now(), until: clock.now() + 60_000, error: ERROR, bytes: 4 },
    'The parked item is wrong.',
  );
  clock.advance(59_999);
  mustEqual(await claimNothing(other), { type: 'nothing', retryInMs: 1, isBusy: false }, 'The item is still parked.');
  clock.advance(1);
  mustEqual((await claim(other, 'a')).text, 'Text', 'The parked item must keep its text.');
  mustEqual((await itemIn(other, 'book', 'a')).reason, undefined, 'A claimed item is not parked any more.');
}

async function parksUntilResumed({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  await journal.park((await claim(journal, 'a')).lease, { reason: 'budget' });
  clock.advance(365 * 24 * 3_600_000);
  mustEqual(await claimNothing(journal), { type: 'nothing', isBusy: false }, 'The item waits for a change.');
  const { state, until, reason } = await journal.status('book');
  mustEqual({ state, until, reason }, { state: 'running', until: undefined, reason: 'budget' }, 'The run is wrong.');
  await journal.resume('book');
  await claim(journal, 'a');
}

async function reportsUntil({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', { id: 'c', after: ['a'] }]));
  const a = await claim(journal, 'a');
  const b = await claim(journal, 'b');
  const untilOf = async (): Promise<unknown> => {
    const { until, reason } = await journal.status('book');
    return { until, reason };
  };
  await journal.park(a.lease, { reason: 'quota', forMs: 5_000 });
  mustEqual(await untilOf(), { until: undefined, reason: undefined }, 'An item is in flight.');
  await journal.fail(b.lease, { error: ERROR, retryInMs: 3_000 });
  mustEqual(await untilOf(), { until: clock.now() + 3_000, reason: ERROR.message }, 'The backoff ends first.');
  clock.advance(3_000);
  mustEqual(await untilOf(), { until: undefined, reason: undefined }, 'An item is ready.');
  await journal.park((await claim(journal, 'b')).lease, { reason: 'rate-limit', forMs: 4_000 });
  mustEqual(await untilOf(), { until: clock.now() + 2_000, reason: 'quota' }, 'The quota ends first.');
  await journal.pause('book');
  mustEqual(await untilOf(), { until: undefined, reason: undefined }, 'A paused run waits for no time.');
}

async function releases({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  clock.advance(10);
  await journal.release(lease, { append: [appendOf(0, 'Text')] });
  const { state, since, until, reason, worker } = await itemIn(journal, 'book', 'a');
  mustEqual(
    { state, since, until, reason, worker },
    { state: 'ready', since: clock.now(), until: undefined, reason: undefined, worker: undefined },
    'The released item is wrong.',
  );
  mustEqual((await claim(journal, 'a')).text, 'Text', 'It must keep its text.');
}
