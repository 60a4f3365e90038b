import type { ItemRecord } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import { outputLine } from './output-line.js';

/** The order of the lines of an output file: that of the input, or that in which the items have ended. */
export type OutputOrder = 'input' | 'completion';

/** Few enough that their texts need little memory. */
const RECORDS_A_PAGE = 20;
const STATES_A_PAGE = 1_000;

/** The lines of the items that have ended, page by page from the journal. */
export async function* outputLines(journal: Journal, run: string, order: OutputOrder): AsyncGenerator<string> {
  for await (const record of order === 'input' ? recordsOf(journal, run) : byCompletion(journal, run)) {
    const line = outputLine(record);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}

/** All items of a run by index, in little memory. */
export async function* recordsOf(journal: Journal, run: string): AsyncGenerator<ItemRecord> {
  let after = -1;
  for (;;) {
    const page = await journal.records(run, { after, limit: RECORDS_A_PAGE });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.index;
  }
}

async function* byCompletion(journal: Journal, run: string): AsyncGenerator<ItemRecord> {
  const ends: { readonly index: number; readonly since: number }[] = [];
  for await (const { index, since, state } of itemsOf(journal, run))
    if (state === 'done' || state === 'failed' || state === 'cancelled') ends.push({ index, since });
  ends.sort((a, b) => a.since - b.since || a.index - b.index);
  for (const { index } of ends) yield* await journal.records(run, { after: index - 1, limit: 1 });
}

/** The states of all items of a run by index. */
export async function* itemsOf(journal: Journal, run: string) {
  let after = -1;
  for (;;) {
    const page = await journal.items(run, { after, limit: STATES_A_PAGE });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.index;
  }
}
