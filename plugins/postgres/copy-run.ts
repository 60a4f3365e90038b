import { dollarsOf, picoDollars, specOfCopy } from 'scriptorium/plugins/runs';
import type { ItemCopy, RunCopy, RunStatus } from 'scriptorium/plugins/runs';
import { valuesOf } from './create-run.js';
import type { Database } from './database.js';
import { itemRecord, RECORDS } from './item-views.js';
import type { RecordRow } from './item-views.js';
import { jsonOr } from './json.js';
import { attemptOf, sourceOf } from './progress.js';

const LAST = 2 ** 31 - 1;

/** `Journal.copyRun` */
export async function copyRun(database: Database, run: RunStatus): Promise<RunCopy> {
  const rows = await database.all<RecordRow>(RECORDS(database.address.schema), run.id, -1, LAST);
  return {
    run,
    items: rows.map((row): ItemCopy => {
      const { is_priced, needs, is_cancelled_itself } = row;
      return {
        ...itemRecord(row),
        isPriced: is_priced,
        needsUsd: dollarsOf(needs),
        isCancelledItself: is_cancelled_itself,
      };
    }),
  };
}

/** `Journal.addRun` */
export async function addRun(database: Database, copy: RunCopy): Promise<void> {
  const { id, state, createdAt, endedAt = null, digest } = copy.run;
  const texts = copy.items.map(({ text }) => Buffer.from(text));
  const values = [
    ...[id, state, createdAt, endedAt],
    JSON.stringify(copy.items.map(itemOf)),
    Buffer.concat(texts),
    JSON.stringify(piecesOf(copy.items, texts)),
    JSON.stringify(
      copy.items.flatMap(({ index, records }) =>
        records.map((record, ordinal) => ({ place: index, ordinal: ordinal + 1, ...attemptOf(record) })),
      ),
    ),
    ...valuesOf(specOfCopy(copy), digest),
  ];
  const marks = values.map((_, index) => `$${index + 1}`).join(', ');
  await database.one(`SELECT ${database.address.schema}.add_run(${marks})`, ...values);
}

/** Where the spans of all texts lie in these texts one after the other. */
function piecesOf(items: readonly ItemCopy[], texts: readonly Buffer[]): readonly object[] {
  let before = 0;
  return items.flatMap(({ index, spans }, place) => {
    const start = before;
    before += texts[place]?.length ?? 0;
    return spans.map(({ from, to, ...source }) => ({
      ...{ place: index, at: from, start: start + from, bytes: to - from },
      source: sourceOf(source),
    }));
  });
}

function itemOf(item: ItemCopy): object {
  const { index, state, epoch, tries, restarts, since, until, bytes, sha256, words = 0 } = item;
  return {
    ...{ place: index, state, epoch, tries, restarts, since, until, bytes, sha256, words },
    reason: jsonOr(item.reason),
    error: jsonOr(item.error),
    needs: picoDollars(item.needsUsd),
    is_cancelled_itself: item.isCancelledItself,
    result: jsonOr(item.result),
    digests: jsonOr(item.digests),
  };
}
