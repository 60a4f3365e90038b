import { describe, expect, it } from '@jest/globals';
import { SimulationError } from '../../src/testing/simulation/simulation-error.js';
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
      size: scenario.expectedUntil !== undefined ? 1 : scenario.oneSeedIn === undefined ? 0.4 : 0.12,
      days: DAYS,
    }),
  );
  return { digest, generations: coverage.generations };
}

/** The violations of a simulation, without the seed at the end. */
function messagesOf(error: unknown): readonly string[] {
  return error instanceof SimulationError ? error.message.replace(/ \(seed .*\)$/, '').split('\n') : [];
}

describe('in simulated worlds', () => {
  it.each(SCENARIOS.filter(({ expectedUntil }) => expectedUntil === undefined))('$name: $about', async (scenario) => {
    const first = await run(scenario, 1);
    expect(first.generations).toBeGreaterThan(10);
    expect(await run(scenario, 1)).toEqual(first);
  });

  it.each(SCENARIOS.filter(({ expectedUntil }) => expectedUntil !== undefined))(
    '$name: still shows what is to be mended ($expectedUntil)',
    async (scenario) => {
      const found: unknown[] = [];
      for (let seed = 1; seed <= 12 && found.length === 0; seed += 1)
        await run(scenario, seed).catch((error: unknown) => found.push(error));
      expect(found).toEqual([expect.any(SimulationError)]);
      expect(messagesOf(found[0]).filter((line) => scenario.expectedViolation?.test(line) !== true)).toEqual([]);
    },
  );
});
