import { AGAIN, appendOf, attemptOf, claim, ERROR, specOf, write } from './builders.js';
import { must, mustEqual } from './must.js';
import { by } from './scene.js';
import type { JournalCheck, JournalScene } from './scene.js';

/** The promises about what a journal shows, and about old runs. */
export const VIEWS = {
  'counts a run as the sum over its items': by(sums),
  'returns items and records in pages by their index': by(pages),
  'returns a record as the status of its item, and more': by(recordsAreStatuses),
  'lists runs, the oldest first': by(lists),
  'emits changes of the watched run, also by other processes': by(watches),
  'emits changes of all runs, and none after the unsubscription': by(watchesAll),
  'removes runs that ended long enough ago': by(prunes),
  'closes twice': by(closes),
} as const satisfies Readonly<Record<string, JournalCheck>>;

async function sums({ journal, other }: JournalScene): Promise<void> {
  const items = ['a', 'b', 'c', 'd', { id: 'e', after: ['a'] }, { id: 'f', after: ['b'] }];
  await journal.createRun(specOf(items, { concurrency: 9 }));
  const a = await write(journal, 'a', 'One two three.');
  must(a.lease.epoch === 1, 'The epoch is wrong.');
  const b = await claim(journal, 'b');
  await journal.fail(b.lease, {
    error: ERROR,
    attempts: [attemptOf({ usd: 0.1 }), attemptOf({ attempt: 2, usd: 0.2 })],
  });
  const c = await claim(journal, 'c');
  await journal.checkpoint(c.lease, { attempts: [attemptOf({ outcome: 'running', estimatedUsd: 0.7 })] });
  const d = await claim(journal, 'd');
  await journal.park(d.lease, { reason: 'quota', attempts: [attemptOf()] });
  await write(journal, 'e', 'Four.');
  const { items: counts, words, inputTokens, outputTokens, cost } = await other.status('book');
  mustEqual(
    { counts, words, inputTokens, outputTokens, cost },
    {
      counts: { waiting: 0, ready: 0, leased: 1, parked: 1, done: 2, failed: 1, cancelled: 1 },
      ...{ words: 4, inputTokens: 40, outputTokens: 80 },
      cost: { known: 0.3, estimated: 0.7, unmeasuredAttempts: 1 },
    },
    'The run is not the sum over its items.',
  );
  mustEqual(await other.runs(), [await journal.status('book')], 'runs() must return the same as status().');
}

async function pages({ journal }: JournalScene): Promise<void> {
  const ids = Array.from({ length: 1_005 }, (_, index) => `i${index}`);
  await journal.createRun(specOf(ids));
  const page = async (options?: { readonly after?: number; readonly limit?: number }): Promise<unknown> => {
    const [items, records] = [await journal.items('book', options), await journal.records('book', options)];
    const indexes = items.map(({ index }) => index);
    mustEqual(
      records.map(({ index }) => index),
      indexes,
      'records() must have the same pages as items().',
    );
    return { first: indexes[0], last: indexes.at(-1), length: indexes.length };
  };
  mustEqual(await page(), { first: 0, last: 999, length: 1_000 }, 'A page has 1,000 items by default.');
  mustEqual(await page({ after: 999 }), { first: 1_000, last: 1_004, length: 5 }, 'The last page is wrong.');
  mustEqual(await page({ after: 4, limit: 2 }), { first: 5, last: 6, length: 2 }, 'A page of two is wrong.');
  mustEqual(await page({ after: 1_004 }), { first: undefined, last: undefined, length: 0 }, 'There is no more.');
}

async function recordsAreStatuses({ journal }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a', 'b', 'c', { id: 'd', after: ['c'], data: [1] }]));
  await write(journal, 'a');
  const b = await claim(journal, 'b');
  await journal.checkpoint(b.lease, { append: [appendOf(0, 'Text')], attempts: [attemptOf({ usd: 1 })] });
  await journal.fail((await claim(journal, 'c')).lease, AGAIN);
  const statuses = (await journal.records('book')).map(({ input, text, spans, records, ...status }) => {
    must(input.model === 'm' && Array.isArray(spans) && Array.isArray(records), `A record is wrong: ${text}`);
    return status;
  });
  mustEqual(statuses, await journal.items('book'), 'records() and items() differ.');
}

async function lists({ journal, clock }: JournalScene): Promise<void> {
  const names = ['z', 'y', 'x'];
  for (const name of names) {
    await journal.createRun(specOf(['a'], { name }));
    clock.advance(1);
  }
  mustEqual(
    (await journal.runs()).map(({ name }) => name),
    names,
    'The order of the runs is wrong.',
  );
}

/**
 * Lets time pass until something holds: a journal asks its store for changes at least once a second. Turns are counted by
 * answers of the store, which may be elsewhere.
 */
async function soon({ other, clock }: JournalScene, holds: () => boolean, sentence: string): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn += 1) {
    await other.runs();
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 20 === 19) clock.advance(1_000);
  }
  must(holds(), sentence);
}

async function watches(scene: JournalScene): Promise<void> {
  const { journal, other } = scene;
  const { run } = await journal.createRun(specOf(['a']));
  await journal.createRun(specOf(['x'], { name: 'other' }));
  const changed = new Set<string>();
  const subscription = other.watch('book').subscribe(({ run: id }) => void changed.add(id));
  try {
    const { lease } = await claim(journal, 'a');
    await soon(scene, () => changed.has(run.id), 'watch has not emitted a claim.');
    changed.clear();
    await journal.checkpoint(lease, { append: [appendOf(0, 'Text')] });
    await soon(scene, () => changed.has(run.id), 'watch has not emitted a checkpoint.');
    changed.clear();
    await journal.pause('book');
    await soon(scene, () => changed.has(run.id), 'watch has not emitted a pause.');
    mustEqual([...changed], [run.id], 'watch has emitted changes of another run.');
  } finally {
    subscription.unsubscribe();
  }
}

async function watchesAll(scene: JournalScene): Promise<void> {
  const { journal, other } = scene;
  const changed = new Set<string>();
  const subscription = other.watch().subscribe(({ run }) => void changed.add(run));
  const first = await journal.createRun(specOf(['a'], { name: 'one' }));
  const second = await journal.createRun(specOf(['a'], { name: 'two' }));
  const both = (): boolean => changed.has(first.run.id) && changed.has(second.run.id);
  await soon(scene, both, 'watch has not emitted the creation of both runs.');
  subscription.unsubscribe();
  changed.clear();
  await journal.pause('one');
  for (let turn = 0; turn < 3; turn += 1) {
    scene.clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  mustEqual([...changed], [], 'watch has emitted after its unsubscription.');
}

async function prunes({ journal, clock }: JournalScene): Promise<void> {
  const build = async (name: string): Promise<void> => {
    await journal.createRun(specOf(['a', 'b'], { name }));
  };
  await build('open');
  await build('old');
  await journal.cancel('old');
  clock.advance(1_000);
  await build('new');
  await journal.cancel('new');
  clock.advance(1_000);
  const names = async (): Promise<readonly string[]> => (await journal.runs()).map(({ name }) => name);
  mustEqual(await journal.prune(2_000), 0, 'No run ended more than 2,000 ms ago.');
  mustEqual(await journal.prune(1_999), 1, 'One run ended more than 1,999 ms ago.');
  mustEqual(await names(), ['open', 'new'], 'The wrong run was removed.');
  const { isNew } = await journal.createRun(specOf(['z'], { name: 'old', hash: 'hash-2' }));
  mustEqual(isNew, true, 'The name of a removed run must be free.');
  mustEqual(await journal.prune(0), 1, 'Another run has ended.');
  mustEqual(
    (await journal.items('old')).map(({ item }) => item),
    ['z'],
    'Items of the removed run are left.',
  );
}

async function closes({ journal, other }: JournalScene): Promise<void> {
  await journal.createRun(specOf(['a']));
  await journal.close();
  await journal.close();
  await other.close();
}
