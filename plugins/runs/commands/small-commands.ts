import { didYouMean, shown } from 'scriptorium/plugin';
import { itemsOf } from '../batch-file/output-lines.js';
import { migrateJournal } from '../engine/open-journal.js';
import type { ItemStatus } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import { counted } from '../progress/format.js';
import { say } from '../progress/say.js';
import { wrong } from './batch-arguments.js';
import type { BatchCall } from './batch-parts.js';
import { runNamed, withExistingJournal } from './open-existing.js';
import { quoted } from './work.js';

/** `scriptorium batch pause`: lets no further item start. */
export function pauseRun(call: BatchCall): Promise<number> {
  const { words } = call.arguments;
  return withExistingJournal(call, async (journal) => {
    const { id, name } = await runNamed(journal, words[0] ?? '');
    await journal.pause(id);
    say(
      call.context.stderr,
      shown`Paused "${name}". Items under way go on to their end. Go on with: scriptorium batch resume ${quoted(name)}`,
    );
    return 0;
  });
}

/** `scriptorium batch cancel`: ends a run, or one item and those that wait for it. */
export function cancelRun(call: BatchCall): Promise<number> {
  const [run = '', item] = call.arguments.words;
  return withExistingJournal(call, async (journal) => {
    const { id, name } = await runNamed(journal, run);
    try {
      await journal.cancel(id, item);
    } catch (error) {
      if (item === undefined || !RunError.is(error) || error.code !== 'unknown-run') throw error;
      throw wrong(`The run "${name}" has no item "${item}".${didYouMean(item, await namesOf(itemsOf(journal, id)))}`);
    }
    const what = item === undefined ? shown`"${name}"` : shown`item "${item}" of "${name}"`;
    say(call.context.stderr, shown`Cancelled ${what}. What is written is kept.`);
    return 0;
  });
}

async function namesOf(items: AsyncIterable<ItemStatus>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { item } of items) names.push(item);
  return names;
}

/** `scriptorium batch prune`: removes runs that ended long ago. */
export function pruneRuns(call: BatchCall): Promise<number> {
  const { olderThanMs } = call.arguments;
  if (olderThanMs === undefined) throw wrong('--older-than is missing, such as --older-than 30d.');
  return withExistingJournal(call, async (journal) => {
    say(call.context.stderr, shown`Removed ${counted(await journal.prune(olderThanMs), 'run')}.`);
    return 0;
  });
}

/** `scriptorium batch migrate`: prepares the store of a journal and the queue's, or brings it to the present version. */
export async function migrate({ settings, queue, context: { stderr } }: BatchCall): Promise<number> {
  const migration = await migrateJournal(settings.journal);
  if (migration === undefined) say(stderr, shown`A journal of this kind needs no preparation.`);
  else if (migration.from === migration.to) say(stderr, shown`The journal has version ${migration.to} already.`);
  else say(stderr, shown`The journal has version ${migration.to} now; it was ${migration.from}.`);
  const prepared = await queue()?.migrate();
  if (prepared !== undefined) say(stderr, shown`${prepared}`);
  return 0;
}
