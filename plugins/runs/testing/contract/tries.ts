import {
  AGAIN,
  appendOf,
  attemptOf,
  claim,
  claimNothing,
  ERROR,
  itemIn,
  LEASE_MS,
  queryOf,
  specOf,
  workerOf,
} from './builders.js';
import { mustEqual } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about failed tries and voided texts. */
export const TRIES = {
  'makes a failed item ready after its backoff': by(backsOff),
  'fails an item for good without a backoff': by(failsForGood),
  'fails an item whose tries are used up': by(usesUpTries),
  'starts the count of tries again when a try has added text': by(countsAgain),
  'counts no try for a release, a parking or a lost lease': by(countsNoTry),
  'voids a text, and keeps its cost': by(voids),
  'fails an item whose restarts are used up, and keeps its text': by(usesUpRestarts),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function backsOff({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  mustEqual(await journal.fail(lease, { error: ERROR, retryInMs: 500 }), 'ready', 'fail returned the wrong state.');
  const { state, since, until, reason, error, tries } = await itemIn(journal, 'book', 'a');
  mustEqual(
    { state, since, until, reason, error, tries },
    { state: 'ready', since: clock.now(), until: clock.now() + 500, reason: ERROR.message, error: ERROR, tries: 1 },
    'The item is wrong after a failed try.',
  );
  clock.advance(499);
  mustEqual(await claimNothing(journal), { type: 'nothing', retryInMs: 1, isBusy: false }, 'The backoff is wrong.');
  clock.advance(1);
  mustEqual((await claim(journal, 'a')).tries, 1, 'The claimed item must know its tries.');
}

async function failsForGood({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  mustEqual(await journal.fail(lease, { error: ERROR }), 'failed', 'fail returned the wrong state.');
  const { state, error, until } = await itemIn(journal, 'book', 'a');
  mustEqual({ state, error, until }, { state: 'failed', error: ERROR, until: undefined }, 'The item is wrong.');
  clock.advance(10 * LEASE_MS);
  mustEqual(await claimNothing(journal), { type: 'nothing', isBusy: false }, 'A failed item is never claimed.');
}

async function usesUpTries({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a'], { tries: 3 }));
  const states = [];
  for (let turn = 0; turn < 3; turn += 1) states.push(await journal.fail((await claim(journal, 'a')).lease, AGAIN));
  mustEqual(states, ['ready', 'ready', 'failed'], 'An item has limits.tries tries in a row that add nothing.');
  mustEqual((await itemIn(journal, 'book', 'a')).tries, 3, 'The tries are counted wrongly.');
}

async function countsAgain({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a'], { tries: 2 }));
  await journal.fail((await claim(journal, 'a')).lease, AGAIN);
  const second = await claim(journal, 'a');
  await journal.checkpoint(second.lease, { append: [appendOf(0, 'One')] });
  mustEqual(await journal.fail(second.lease, AGAIN), 'ready', 'The try has added text by a checkpoint.');
  mustEqual((await itemIn(journal, 'book', 'a')).tries, 0, 'A try that has added text is none in vain.');
  await journal.fail((await claim(journal, 'a')).lease, AGAIN);
  const fourth = await claim(journal, 'a');
  const append = [appendOf(3, ' two')];
  mustEqual(await journal.fail(fourth.lease, { ...AGAIN, append }), 'ready', 'The try has added text at its end.');
  mustEqual(await journal.fail((await claim(journal, 'a')).lease, AGAIN), 'ready', 'The count must start again.');
  mustEqual(await journal.fail((await claim(journal, 'a')).lease, AGAIN), 'failed', 'Two tries have added nothing.');
}

async function countsNoTry({ journal, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a'], { tries: 1 }));
  await journal.release((await claim(journal, 'a')).lease);
  await journal.park((await claim(journal, 'a')).lease, { reason: 'quota', forMs: 0 });
  await claim(journal, 'a');
  clock.advance(LEASE_MS);
  mustEqual((await claim(journal, 'a', queryOf(workerOf('w2')))).tries, 0, 'None of these is a failed try.');
}

async function voids({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a'], { restarts: 1 }));
  const { lease } = await claim(journal, 'a');
  await journal.checkpoint(lease, { append: [appendOf(0, 'Wrong')] });
  const attempts = [attemptOf({ usd: 0.5 })];
  mustEqual(await journal.reset(lease, { error: ERROR, attempts }), 'ready', 'reset returned the wrong state.');
  const [record] = await journal.records('book');
  const { text, bytes, spans, restarts, records, cost, state, error } = record ?? {};
  mustEqual(
    { text, bytes, spans, restarts, records, cost, state, error },
    {
      ...{ text: '', bytes: 0, spans: [], restarts: 1, records: attempts, state: 'ready', error: ERROR },
      cost: { known: 0.5, estimated: 0, unmeasuredAttempts: 0 },
    },
    'A voided item has no text, and keeps its attempts.',
  );
  const again = await claim(journal, 'a');
  mustEqual({ text: again.text, restarts: again.restarts }, { text: '', restarts: 1 }, 'The claimed item is wrong.');
  await journal.checkpoint(again.lease, { append: [appendOf(0, 'Right')] });
}

async function usesUpRestarts({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', { id: 'b', after: ['a'] }], { restarts: 2 }));
  const states = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { lease } = await claim(journal, 'a');
    states.push(await journal.reset(lease, { ...AGAIN, append: [appendOf(0, 'Wrong')] }));
  }
  mustEqual(states, ['ready', 'ready', 'failed'], 'An item may be voided limits.restarts times.');
  const [record, dependant] = await journal.records('book');
  mustEqual(
    { text: record?.text, restarts: record?.restarts, state: record?.state, dependant: dependant?.state },
    { text: 'Wrong', restarts: 2, state: 'failed', dependant: 'cancelled' },
    'The failed item keeps its text, and its dependants are cancelled.',
  );
}
