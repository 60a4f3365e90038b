// The cost of the journal on PostgreSQL: items from their creation through claims and checkpoints of 1 KB to their commits, 50 in
// flight. Prints the round trips, the CPU of this process and the time of an item and of a checkpoint. The database is prepared,
// and must have no run "book". `npm run journal:postgres -- --journal postgres://postgres@127.0.0.1/bench --items 1000`
import { performance } from 'node:perf_hooks';
import { migrate, postgresJournal } from '../plugins/postgres/index.js';
import { systemClock } from '../src/plugin.js';
import { roundTripsOf } from './journal/round-trips.js';
import { writeBook } from './journal/write-book.js';
import { exitBy } from './kit/checks.js';
import { readOptions } from './kit/options.js';

const MOST_TRIPS = 2.01;

const options = readOptions({ journal: '', items: '1000', checkpoints: '10' });
const [items, checkpoints] = [Number(options.items), Number(options.checkpoints)];
if (!(items >= 100 && checkpoints >= 1 && options.journal !== '')) {
  throw new Error(
    'Usage: npm run journal:postgres -- --journal postgres://HOST/DATABASE --items 1000 --checkpoints 10',
  );
}

await migrate(options.journal);
const journal = await postgresJournal(options.journal, { clock: systemClock });
const begun = performance.now();
const { value, count } = await roundTripsOf(() => writeBook(journal, { items, checkpoints }));
const seconds = (performance.now() - begun) / 1_000;
await journal.cancel('book').catch(() => undefined);
await journal.prune(-1);
await journal.close();

const trips = (count - items * checkpoints) / items;
const checks = [
  {
    what: `round trips an item beside its checkpoints, which take one each (at most ${MOST_TRIPS})`,
    value: trips.toFixed(3),
    isRight: trips <= MOST_TRIPS,
  },
];
for (const { what, value: shown, isRight } of checks) console.log(`${isRight ? 'ok  ' : 'FAIL'} ${what}: ${shown}`);
console.log(
  `     µs CPU of this process an item: ${value.itemUs.toFixed(1)}; a checkpoint: ${value.checkpointUs.toFixed(1)}`,
);
console.log(`     calls a second: ${Math.round(count / seconds)}`);
exitBy(checks);
