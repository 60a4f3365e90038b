import type { ItemRecord } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';

/** An item that cannot be read, by its place in the run. */
export interface Unreadable {
  readonly index: number;
  readonly error: unknown;
}

/** Texts may be long: a page holds few items. */
const PAGE = 50;

/** The items of a run by their places. One that cannot be read does not hide the others. */
export async function* readableRecords(
  journal: Journal,
  run: string,
  report: (unreadable: Unreadable) => void,
): AsyncGenerator<ItemRecord, void, undefined> {
  const { items } = await journal.status(run);
  const count = Object.values(items).reduce((sum, each) => sum + each, 0);
  for (let after = -1; ;) {
    const page = await journal.records(run, { after, limit: PAGE }).catch(() => undefined);
    if (page !== undefined) yield* page;
    else yield* oneByOne(journal, run, { after, report });
    const isLast = page === undefined ? after + PAGE >= count : page.length < PAGE;
    if (isLast) return;
    after = page?.at(-1)?.index ?? after + PAGE;
  }
}

interface Stretch {
  readonly after: number;
  readonly report: (unreadable: Unreadable) => void;
}

async function* oneByOne(journal: Journal, run: string, { after, report }: Stretch) {
  for (let index = after + 1; index <= after + PAGE; index += 1) {
    try {
      // Further items may lie behind a gap in the places.
      const [record] = await journal.records(run, { after: index - 1, limit: 1 });
      if (record?.index === index) yield record;
    } catch (error) {
      report({ index, error });
    }
  }
}
