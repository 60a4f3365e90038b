import { openrouter } from 'scriptorium/plugins/openrouter';
import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { generate } from '../generate.js';
import { Oracle } from '../oracle.js';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import { modelOf, promptOf } from './prompts.js';
import { quickVendor } from './quick-vendor.js';

/** Generations in one world, and how many are under way at once. */
const GENERATIONS = 200;
const AT_ONCE = 20;

export const storm: Scenario = {
  name: 'storm',
  about: 'Four requests in ten meet a fault; every text is exact or fails.',
  run,
};

async function run(scene: Scene): Promise<void> {
  const { world, coverage, random } = scene;
  const vendor = quickVendor(world, {
    words: 60,
    fault: () => (random() < 0.4 ? { reset: { afterDeltas: wholeNumber(random, 0, 60) } } : undefined),
  });
  const oracle = new Oracle(world, coverage, [vendor]);
  const process = await world.process('writer', {
    plugins: [openrouter({ apiKey: 'simulated', baseUrl: vendor.url }), oracle.plugin()],
  });
  let left = scaled(scene, GENERATIONS);
  const writer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await generate({ world, oracle, process }, { model: modelOf(random), prompt: promptOf(random) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  await process.stop();
  oracle.close();
  world.check(process.timers === 0, () => `${process.timers} timers are left.`);
  world.check(process.connections === 0, () => `${process.connections} connections are left.`);
}
