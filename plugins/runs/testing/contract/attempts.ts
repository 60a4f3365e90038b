import type { ItemLease } from '../../journal/item.js';
import { AGAIN, appendOf, attemptOf, claim, commitOf, RESULT, sha256Of, sourceOf, specOf } from './builders.js';
import { mustEqual } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about attempts and results. */
export const ATTEMPTS = {
  'returns the stretches of a text with their attempts': by(returnsSpans),
  'replaces the record of an attempt by its generation and number': by(replacesAttempts),
  'keeps the result of a commit': by(keepsResults),
  'ends running attempts as lost when their claim ends': by(losesAttempts),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function returnsSpans({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const [first, second, third] = [sourceOf('g1'), sourceOf('g1', 2), { ...sourceOf('g2', 2), model: 'other' }];
  const { lease } = await claim(journal, 'a');
  await journal.checkpoint(lease, { append: [appendOf(0, 'Ä', first), appendOf(2, 'b', first)] });
  await journal.checkpoint(lease, { append: [appendOf(3, 'c', first), appendOf(4, 'dé', second)] });
  await journal.checkpoint(lease, { append: [appendOf(7, 'f', third), appendOf(8, 'g', first)] });
  const [record] = await journal.records('book');
  mustEqual(
    record?.spans,
    [
      { ...first, from: 0, to: 4 },
      { ...second, from: 4, to: 7 },
      { ...third, from: 7, to: 8 },
      { ...first, from: 8, to: 9 },
    ],
    'The stretches of the text are wrong: neighbours by the same attempt are one.',
  );
}

async function replacesAttempts({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  const running = attemptOf({ outcome: 'running', estimatedUsd: 0.5 });
  const another = attemptOf({ generation: 'g2', outcome: 'running' });
  await journal.checkpoint(lease, { attempts: [running, another] });
  await journal.checkpoint(lease, {
    attempts: [attemptOf({ outcome: 'error', usd: 0.125 }), attemptOf({ usd: 0.25 })],
  });
  const [record] = await journal.records('book');
  mustEqual(record?.records, [attemptOf({ usd: 0.25 }), another], 'The attempts are wrong.');
  const { attempts, cost, inputTokens, outputTokens } = record ?? {};
  mustEqual(
    { attempts, cost, inputTokens, outputTokens },
    {
      attempts: 2,
      cost: { known: 0.25, estimated: 0, unmeasuredAttempts: 1 },
      inputTokens: 20,
      outputTokens: 40,
    },
    'The sums over the attempts are wrong.',
  );
}

async function keepsResults({ journal, other, clock }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const first = await claim(journal, 'a');
  await journal.fail(first.lease, AGAIN);
  const { lease } = await claim(journal, 'a');
  const result = {
    ...RESULT,
    responseId: 'r1',
    toolCalls: [{ type: 'tool-call' as const, index: 0, id: 't', name: 'find', arguments: '{}' }],
    annotations: [{ url: 'https://example.com' }],
    images: ['data:,'],
  };
  clock.advance(5);
  await journal.commit(lease, commitOf('', 'One two.', { result }));
  const [record] = await other.records('book');
  const { state, sha256, words, since, worker, until, error, reason } = record ?? {};
  mustEqual(
    { result: record?.result, state, sha256, words, since, worker, until, error, reason },
    {
      ...{ result, state: 'done', sha256: sha256Of('One two.'), words: 2, since: clock.now() },
      ...{ worker: undefined, until: undefined, error: undefined, reason: undefined },
    },
    'The committed item is wrong.',
  );
}

async function losesAttempts({ journal }: JournalScene): Promise<void> {
  const names = ['committed', 'retried', 'voided', 'parked', 'released', 'cancelled'];
  await journal.createRun(specOf(names, { concurrency: 9 }));
  const ends: Readonly<Record<string, (lease: ItemLease) => Promise<unknown>>> = {
    committed: (lease) => journal.commit(lease, commitOf('')),
    retried: (lease) => journal.fail(lease, { ...AGAIN, retryInMs: 1 }),
    voided: (lease) => journal.reset(lease, { ...AGAIN, retryInMs: 1 }),
    parked: (lease) => journal.park(lease, { reason: 'quota' }),
    released: (lease) => journal.release(lease),
    cancelled: () => journal.cancel('book', 'cancelled'),
  };
  const claimed = [];
  for (const name of names) claimed.push(await claim(journal, name));
  for (const { lease } of claimed) {
    await journal.checkpoint(lease, { attempts: [attemptOf({ outcome: 'running', estimatedUsd: 0.5 })] });
    await ends[lease.item]?.(lease);
  }
  for (const { item, records, cost } of await journal.records('book'))
    mustEqual(
      { outcomes: records.map(({ outcome }) => outcome), cost },
      { outcomes: ['lost'], cost: { known: 0, estimated: 0.5, unmeasuredAttempts: 0 } },
      `The running attempt of "${item}" must be lost, and its estimate counts.`,
    );
}
