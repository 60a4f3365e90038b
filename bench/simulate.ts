import { simulate } from '../src/testing/simulation/simulate.js';
import { seeded } from '../src/testing/simulation/seeded.js';
import { Coverage } from '../test/simulation/coverage.js';
import { resetNames } from '../test/simulation/generate.js';
import { SCENARIOS } from '../test/simulation/scenarios/index.js';

const [only = '', seeds = '3'] = process.argv.slice(2);
const total = new Coverage();
for (const scenario of SCENARIOS.filter(({ name }) => only === '' || only === name)) {
  const coverage = new Coverage();
  const started = process.cpuUsage();
  for (let seed = 1; seed <= Number(seeds); seed += 1) {
    resetNames();
    const random = seeded(`${scenario.name}/${seed}`);
    try {
      const { elapsedMs, events } = await simulate({ seed: `${scenario.name}/${seed}` }, (world) =>
        scenario.run({ world, coverage, random, size: 1, days: 5 }),
      );
      if (only !== '') console.log(seed, (elapsedMs / 3.6e6).toFixed(2), 'h', events);
    } catch (error) {
      console.log(seed, String(error instanceof Error ? (error.name === 'SimulationError' ? error.message : error.stack) : error).slice(0, 900));
    }
  }
  const used = process.cpuUsage(started);
  const cpu = (used.user + used.system) / 1e6;
  console.log(
    scenario.name,
    cpu.toFixed(1),
    's',
    coverage.generations,
    ((1000 * cpu) / coverage.generations).toFixed(2),
    'ms',
    JSON.stringify(coverage.data.outcomes),
    JSON.stringify(coverage.data.marks),
    coverage.medianDeltas,
  );
  total.add(coverage.data);
}
const { deltas, ...rest } = total.data;
console.log(JSON.stringify(rest), Object.keys(deltas).length, total.generations, total.medianDeltas);
