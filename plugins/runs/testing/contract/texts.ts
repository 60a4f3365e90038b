import type { ItemLease, ItemProgress } from '../../journal/item.js';
import type { Journal } from '../../journal/journal.js';
import { AGAIN, appendOf, attemptOf, claim, commitOf, ERROR, specOf } from './builders.js';
import { mustEqual, mustRefuse } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about texts. */
export const TEXTS = {
  'keeps every character of a text': by(keepsCharacters),
  'keeps long texts of many pieces': by(keepsLongTexts),
  'refuses a text at a wrong offset, and writes nothing of the call': by(refusesWrongOffsets),
  'writes the progress of every call that ends a claim': by(writesProgress),
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
