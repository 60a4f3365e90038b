import type { ItemLease, ItemProgress } from '../../journal/item.js';
import type { Journal } from '../../journal/journal.js';
import { AGAIN, appendOf, attemptOf, claim, commitOf, ERROR, RESULT, sha256Of, sourceOf, specOf } from './builders.js';
import { mustEqual, mustRefuse } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about texts, attempts and results. */
export const TEXTS = {
  'keeps every character of a text': by(keepsCharacters),
  'keeps long texts of many pieces': by(keepsLongTexts),
  'refuses a text at a wrong offset, and writes nothing of the call': by(refusesWrongOffsets),
  'writes the progress of every call that ends a claim': by(writesProgress),
  'returns the stretches of a text with their attempts': by(returnsSpans),
  'replaces the record of an attempt by its generation and number': by(replacesAttempts),
  'keeps the result of a commit': by(keepsResults),
  'ends running attempts as lost when their claim ends': by(losesAttempts),
} as const satisfies Readonly<Record<string, JournalCheck>>;

const TEXTS_OF_ALL_KINDS: readonly string[] = [
  'plain',
  '\r\n\n\t ',
  '\u0000\u0001\u001b[31m',
  `'"\\;-- %s \${x} ?1 :a`,
  'ä € 𝄞 👩‍👩‍👧 é e\u0301',
  '\ufeff\u2028\u2029\u0085',
  '{"json": "\\u0000"}',
  '\u0000',
];

async function keepsCharacters({ journal, other }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  let text = '';
  for (const piece of TEXTS_OF_ALL_KINDS) {
    await journal.checkpoint(lease, { append: [appendOf(Buffer.byteLength(text), piece)] });
    text += piece;
    const [record] = await other.records('book');
    mustEqual(
      { text: record?.text, bytes: record?.bytes },
      { text, bytes: Buffer.byteLength(text) },
      'The text or its length has changed.',
    );
  }
  await journal.release(lease);
  const again = await claim(other, 'a');
  mustEqual(
    { text: again.text, bytes: again.bytes },
    { text, bytes: Buffer.byteLength(text) },
    'The claimed text differs.',
  );
  await other.commit(again.lease, commitOf(text, 'end'));
  mustEqual((await journal.records('book'))[0]?.text, `${text}end`, 'The committed text differs.');
}

async function keepsLongTexts({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  let text = '';
  for (let piece = 0; piece < 200; piece += 1) {
    const next = `${piece}: ${'wörd '.repeat(100)}\n`;
    await journal.checkpoint(lease, { append: [appendOf(Buffer.byteLength(text), next)] });
    text += next;
  }
  const rest = 'x'.repeat(1_000_000);
  await journal.commit(lease, commitOf(text, rest));
  mustEqual((await journal.records('book'))[0]?.text === text + rest, true, 'A long text differs.');
}

async function refusesWrongOffsets({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const { lease } = await claim(journal, 'a');
  await journal.checkpoint(lease, { append: [appendOf(0, 'Größe')], attempts: [attemptOf({ usd: 1 })] });
  const before = await journal.records('book');
  const attempts = [attemptOf({ attempt: 2, usd: 1 })];
  const wrong: readonly ItemProgress[] = [
    { append: [appendOf(0, 'Größe')], attempts },
    { append: [appendOf(5, ' more')], attempts },
    { append: [appendOf(8, ' more')], attempts },
    { append: [appendOf(7, ' more'), appendOf(13, ' and')], attempts },
    { append: [appendOf(7, 'ü'), appendOf(8, ' and')], attempts },
  ];
  for (const progress of wrong) {
    for (const [name, write] of writesWith(journal, lease, progress)) {
      await mustRefuse(write(), 'wrong-offset', `${name} was accepted with a text at a wrong offset.`);
      mustEqual(await journal.records('book'), before, `${name} has written although it was refused.`);
    }
  }
  await journal.checkpoint(lease, { append: [appendOf(7, ' more'), appendOf(12, ' and')] });
  mustEqual(
    (await journal.records('book'))[0]?.text,
    'Größe more and',
    'Texts at the right offsets were not appended.',
  );
}

/** Every method that takes progress. */
const writesWith = (
  journal: Journal,
  lease: ItemLease,
  progress: ItemProgress,
): readonly (readonly [string, () => Promise<unknown>])[] => [
  ['checkpoint', () => journal.checkpoint(lease, progress)],
  ['commit', () => journal.commit(lease, { ...commitOf(''), ...progress })],
  ['fail', () => journal.fail(lease, { ...AGAIN, ...progress })],
  ['reset', () => journal.reset(lease, { ...AGAIN, ...progress })],
  ['park', () => journal.park(lease, { reason: 'quota', ...progress })],
  ['release', () => journal.release(lease, progress)],
];

async function writesProgress({ journal }: JournalScene): Promise<void> {
  const names = ['committed', 'failed', 'retried', 'parked', 'released', 'spent'];
  await journal.createRun(specOf(names, { concurrency: 9, restarts: 0 }));
  const progress = { append: [appendOf(0, 'Text.')], attempts: [attemptOf({ usd: 0.5 })] };
  const ends: Readonly<Record<string, (lease: ItemLease) => Promise<unknown>>> = {
    committed: (lease) => journal.commit(lease, { ...commitOf('', 'Text.'), ...progress }),
    failed: (lease) => journal.fail(lease, { error: ERROR, ...progress }),
    retried: (lease) => journal.fail(lease, { ...AGAIN, retryInMs: 1, ...progress }),
    parked: (lease) => journal.park(lease, { reason: 'quota', ...progress }),
    released: (lease) => journal.release(lease, progress),
    spent: (lease) => journal.reset(lease, { ...AGAIN, ...progress }),
  };
  const claimed = [];
  for (const name of names) claimed.push(await claim(journal, name));
  for (const { lease } of claimed) await ends[lease.item]?.(lease);
  for (const { item, text, records } of await journal.records('book'))
    mustEqual(
      { text, records },
      { text: 'Text.', records: progress.attempts },
      `The progress of "${item}" is missing.`,
    );
}

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
