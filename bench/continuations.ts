// Texts of many kinds by models that continue them in some fifty ways: none may be called whole that is not.
// `npm run continuations -- --each 100 --seed 1` prints a line for each kind of model.
import { simulate } from '../src/testing/simulation/simulate.js';
import { Coverage } from '../test/simulation/coverage.js';
import { MODELS, writeContinuations } from '../test/simulation/continuations/write.js';
import type { Tally } from '../test/simulation/continuations/write.js';
import { exitBy } from './kit/checks.js';
import { readNumbers } from './kit/options.js';

const { each, seed } = readNumbers({ each: '100', seed: '1' });
const tallies = new Map<string, Tally>();
try {
  await simulate({ seed: `continuations/${seed}` }, async (world) => {
    const scene = { world, coverage: new Coverage(), random: world.random('scenario'), size: 1, days: 1 };
    await writeContinuations(scene, { perModel: each, tallies });
  });
} catch (error) {
  console.log(String(error));
}
const columns = ['whole', 'unfinished', 'unproven', 'restarts', 'requests', 'wrong'] as const;
const line = (name: string, values: readonly (number | string)[]): string =>
  `  ${name.padEnd(34)}${values.map((value) => String(value).padStart(11)).join('')}`;
console.log(`continuations: ${tallies.size * each} texts, seed ${seed}`);
console.log(line('', columns));
for (const [name, tally] of tallies)
  console.log(
    line(
      name,
      columns.map((column) => tally[column]),
    ),
  );
const sum = (column: keyof Tally): number => [...tallies.values()].reduce((total, tally) => total + tally[column], 0);
console.log(line('all', columns.map(sum)));
const good = [...tallies].filter(([name]) => MODELS[name]?.isGood === true).map(([, tally]) => tally);
exitBy([
  { what: 'no wrong text is called whole', isRight: sum('wrong') === 0 && tallies.size > 0 },
  {
    what: 'every good model finishes its texts without a restart',
    isRight: good.every(({ restarts, unfinished }) => restarts + unfinished === 0),
  },
]);
