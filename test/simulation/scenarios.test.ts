import { describe, expect, it } from '@jest/globals';
import { simulate } from '../../src/testing/simulation/simulate.js';
import { Coverage } from './coverage.js';
import { resetNames } from './generate.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scene.js';

/** Large scenarios are cut down here; `npm run simulate` runs them whole. */
const DAYS = 2;

async function run(scenario: Scenario, seed: number) {
  const coverage = new Coverage();
  resetNames();
  const { digest } = await simulate({ seed: `${scenario.name}/${seed}` }, (world) =>
    scenario.run({
      world,
      coverage,
      random: world.random('scenario'),
      size: scenario.oneSeedIn === undefined ? 0.2 : 0.08,
      days: DAYS,
    }),
  );
  return { digest, generations: coverage.generations };
}

describe('in simulated worlds', () => {
  it.each(SCENARIOS)('$name: $about', async (scenario) => {
    const first = await run(scenario, 1);
    expect(first.generations).toBeGreaterThan(5);
    expect(await run(scenario, 1)).toEqual(first);
  });
});
