// The cost of the journal in SQLite: items from their creation through claims and checkpoints of 1 KB to their commits, 50 in
// flight, whose writes of one turn share a transaction. Prints CPU an item without its checkpoints, CPU a checkpoint, the growth of the heap, and ratios to bare
// transactions of SQLite. Each commit flushes the disk, whose drivers count as CPU: `--folder /dev/shm` measures without them.
// `npm run journal -- --items 10000 --checkpoints 10 --folder /tmp`
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteJournal } from '../plugins/runs/index.js';
import { systemClock } from '../src/plugin.js';
import { floorOf } from './journal/floor.js';
import { writeBook } from './journal/write-book.js';
import { exitBy } from './kit/checks.js';
import { readOptions } from './kit/options.js';
import { median } from './kit/quantile.js';

const MOST_US = { item: 300, checkpoint: 30 };
const MOST_GROWTH = 1.1;

const options = readOptions({ items: '10000', checkpoints: '10', folder: tmpdir() });
const [items, checkpoints] = [Number(options.items), Number(options.checkpoints)];
if (!(items >= 100 && checkpoints >= 1)) {
  throw new Error('Usage: npm run journal -- --items 10000 --checkpoints 10 --folder /tmp');
}

const folder = await mkdtemp(join(options.folder, 'scriptorium-journal-'));
const journal = await sqliteJournal(join(folder, 'runs.db'), { clock: systemClock });
const { itemUs, checkpointUs, heaps } = await writeBook(journal, { items, checkpoints });
await journal.close();
const { lazyUs, fullUs } = await floorOf(folder);
await rm(folder, { recursive: true });

const growth = median(heaps.slice(heaps.length / 2)) / median(heaps.slice(0, heaps.length / 2));
const checks = [
  { what: `µs CPU an item (at most ${MOST_US.item})`, value: itemUs.toFixed(1), isRight: itemUs <= MOST_US.item },
  {
    what: `µs CPU a checkpoint (at most ${MOST_US.checkpoint})`,
    value: checkpointUs.toFixed(1),
    isRight: checkpointUs <= MOST_US.checkpoint,
  },
  {
    what: `heap of the second half by the first (at most ${MOST_GROWTH})`,
    value: growth.toFixed(3),
    isRight: growth <= MOST_GROWTH,
  },
];
for (const { what, value, isRight } of checks) console.log(`${isRight ? 'ok  ' : 'FAIL'} ${what}: ${value}`);
console.log(
  `     µs CPU of a transaction of SQLite with one row of 1 KB: ${lazyUs.toFixed(1)}; with a flush: ${fullUs.toFixed(1)}`,
);
console.log(`     a checkpoint by the first: ${(checkpointUs / lazyUs).toFixed(2)}`);
console.log(
  `     an item by its claim without a flush and its commit with one: ${(itemUs / (lazyUs + fullUs)).toFixed(2)}`,
);
exitBy(checks);
