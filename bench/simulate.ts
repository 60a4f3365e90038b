import { simulate } from '../src/testing/simulation/simulate.js';
import { seeded } from '../src/testing/simulation/seeded.js';
import { Coverage } from '../test/simulation/coverage.js';
import { storm } from '../test/simulation/scenarios/storm.js';

const coverage = new Coverage();
const started = process.cpuUsage();
for (let seed = 1; seed <= 10; seed += 1) {
  const random = seeded(`${seed}/storm`);
  try {
    const { elapsedMs, events, digest } = await simulate({ seed }, (world) =>
      storm.run({ world, coverage, random, size: 1, days: 1 }),
    );
    console.log(seed, elapsedMs, events, digest.slice(0, 12));
  } catch (error) {
    console.log(seed, error);
  }
}
const used = process.cpuUsage(started);
console.log((used.user + used.system) / 1e6, 's');
console.log(JSON.stringify(coverage.data), coverage.generations, coverage.medianDeltas);
