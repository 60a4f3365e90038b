import type { RunSpec } from '../../journal/run-spec.js';
import { commitOf, claim, itemIn, queryOf, specOf, write } from './builders.js';
import type { Items } from './builders.js';
import { must, mustEqual, mustRefuse } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about the creation of runs. */
export const CREATING = {
  'creates a run once: the same name and hash return it as it is': by(createsOnce),
  'keeps a run as it was given': by(keepsAsGiven),
  'keeps its own copy of a run': by(keepsACopy),
  'refuses a changed run of the same name, and changes nothing': by(refusesChanged),
  'names the first difference of a changed run': by(namesTheDifference),
  'creates one run when several processes create it at once': by(createsOneOfMany),
  'finds a run by its id and by its name': by(findsByName),
  'finds a run by its id where another run has that name': by(findsByIdFirst),
  'refuses a run that does not exist': by(refusesUnknown),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function createsOnce({ journal, other, clock }: JournalScene): Promise<void> {
  const first = await journal.createRun(specOf(['a', 'b']));
  mustEqual(
    { isNew: first.isNew, name: first.run.name, state: first.run.state, createdAt: first.run.createdAt },
    { isNew: true, name: 'book', state: 'running', createdAt: clock.now() },
    'The created run is wrong.',
  );
  await write(journal, 'a');
  clock.advance(1_000);
  const again = await other.createRun(specOf(['a', 'b'], { concurrency: 9 }));
  mustEqual(again, { isNew: false, run: await journal.status('book') }, 'The run was not returned as it is.');
  mustEqual(again.run.limits, first.run.limits, 'The limits of the run have changed.');
  mustEqual((await journal.runs()).length, 1, 'There must be one run.');
}

const RICH: RunSpec = {
  ...specOf(
    [
      { id: 'a', data: { place: [1, null, 'x'] } },
      { id: 'b', after: ['a'] },
    ],
    {
      labels: { book: 'ada' },
      data: { output: 'out.jsonl' },
      budgetUsd: 1.5,
    },
  ),
};

async function keepsAsGiven({ journal, other }: JournalScene): Promise<void> {
  const { run } = await journal.createRun(RICH);
  const { name, hash, labels, limits, data } = run;
  mustEqual(
    { name, hash, labels, limits, data },
    { name: RICH.name, hash: RICH.hash, labels: RICH.labels, limits: RICH.limits, data: RICH.data },
    'The run differs from its spec.',
  );
  const kept = (await other.records(run.id)).map(({ item, index, after, input, data: own, state, text }) => ({
    ...{ id: item, index, after, input, state, text },
    ...(own === undefined ? {} : { data: own }),
  }));
  const expected = RICH.items.map(({ id, after = [], input, data: own }, index) => ({
    ...{ id, index, after, input, state: after.length === 0 ? 'ready' : 'waiting', text: '' },
    ...(own === undefined ? {} : { data: own }),
  }));
  mustEqual(kept, expected, 'The items differ from their specs.');
  const { input, labels: own, index } = await claim(journal, 'a');
  mustEqual(
    { input, labels: own, index },
    { input: RICH.items[0]?.input, labels: RICH.labels, index: 0 },
    'The claimed item is wrong.',
  );
}

async function keepsACopy({ journal }: JournalScene): Promise<void> {
  const input = { model: 'm', prompt: 'Write.' };
  const labels = { book: 'ada' };
  await journal.createRun(specOf([{ id: 'a', input }], { labels }));
  input.prompt = 'Changed.';
  labels.book = 'changed';
  const claimed = await claim(journal, 'a');
  mustEqual(
    { prompt: claimed.input.prompt, labels: claimed.labels },
    { prompt: 'Write.', labels: { book: 'ada' } },
    'A change of the caller has changed the stored run.',
  );
}

async function refusesChanged({ journal, other }: JournalScene): Promise<void> {
  const { run } = await journal.createRun(specOf(['a']));
  await write(journal, 'a');
  const before = await journal.records(run.id);
  const changed = specOf(['a', 'b'], { hash: 'hash-2' });
  await mustRefuse(other.createRun(changed), 'changed-spec', 'A run of the same name with other items was created.');
  mustEqual(await journal.records(run.id), before, 'The refused run has changed the stored one.');
  await other.createRun({ ...changed, name: 'other' });
}

/** Stored items, given ones, and the words of the message. */
const DIFFERENCES: readonly { readonly stored: Items; readonly given: Items; readonly words: string }[] = [
  {
    stored: ['a', { id: 'ch3', input: { prompt: 'Once' } }],
    given: ['a', { id: 'ch3', input: { prompt: 'Twice' } }],
    words: 'item "ch3": input.prompt differs: "Twice" instead of "Once"',
  },
  {
    stored: [{ id: 'a', input: { messages: [{ role: 'user', content: 'One' }] } }],
    given: [{ id: 'a', input: { messages: [{ role: 'user', content: 'Two' }] } }],
    words: 'item "a": input.messages[0].content differs: "Two" instead of "One"',
  },
  { stored: ['a'], given: ['a', 'b'], words: 'item "b" is new' },
  { stored: ['a', 'b'], given: ['a'], words: 'item "b" is missing' },
  { stored: ['a', 'b'], given: ['b'], words: 'item "a" is missing' },
  { stored: ['a', 'b'], given: ['a', 'x', 'b'], words: 'item "x" is new' },
  { stored: ['a', 'b'], given: ['b', 'a'], words: 'the order differs: item "b" instead of "a"' },
  {
    stored: ['a', 'b'],
    given: ['a', { id: 'b', after: ['a'] }],
    words: 'item "b": after[0] differs: "a" instead of nothing',
  },
];

async function namesTheDifference({ journal }: JournalScene): Promise<void> {
  for (const [index, { stored, given, words }] of DIFFERENCES.entries()) {
    const name = `book-${index}`;
    await journal.createRun(specOf(stored, { name }));
    const call = journal.createRun(specOf(given, { name, hash: 'hash-2' }));
    const message = await mustRefuse(call, 'changed-spec', 'A changed run was created.');
    must(message.includes(words), `The message "${message}" must say: ${words}.`);
  }
}

async function createsOneOfMany({ journal, other }: JournalScene): Promise<void> {
  const created = await Promise.all([journal, other, journal, other].map((each) => each.createRun(specOf(['a']))));
  mustEqual(created.filter(({ isNew }) => isNew).length, 1, 'One call must have created the run.');
  mustEqual(new Set(created.map(({ run }) => run.id)).size, 1, 'All calls must return the same run.');
}

async function findsByName({ journal }: JournalScene): Promise<void> {
  const { run } = await journal.createRun(specOf(['a']));
  mustEqual(await journal.status('book'), await journal.status(run.id), 'The run was not found by its name.');
  mustEqual(await journal.items('book'), await journal.items(run.id), 'Its items were not found by its name.');
  const { lease } = await claim(journal, 'a', queryOf(undefined, { run: run.id }));
  mustEqual(lease, { run: run.id, item: 'a', epoch: 1 }, 'A lease names the run by its id.');
  await journal.commit(lease, commitOf('', 'Text.'));
  mustEqual((await itemIn(journal, 'book', 'a')).state, 'done', 'The item is not done.');
}

/** An implementation may number its runs, so names are tried that the next ids may be. */
async function findsByIdFirst({ journal }: JournalScene): Promise<void> {
  const { run } = await journal.createRun(specOf(['a']));
  const next = run.id.replace(/\d+$/, (digits) => String(Number(digits) + 2).padStart(digits.length, '0'));
  const names = [...new Set([next, run.id])];
  for (const name of names) await journal.createRun(specOf(['a'], { name }));
  const { run: last } = await journal.createRun(specOf(['a'], { name: 'last' }));
  for (const { id, name } of [run, last])
    mustEqual((await journal.status(id)).name, name, 'The name of another run has hidden an id.');
}

async function refusesUnknown({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  const calls: readonly (() => Promise<unknown>)[] = [
    () => journal.status('none'),
    () => journal.items('none'),
    () => journal.records('none'),
    () => journal.pause('none'),
    () => journal.resume('none'),
    () => journal.cancel('none'),
    () => journal.cancel('book', 'none'),
    () => journal.claim(queryOf(undefined, { run: 'none' })),
  ];
  for (const call of calls) await mustRefuse(call(), 'unknown-run', 'A run or an item that does not exist was found.');
}
