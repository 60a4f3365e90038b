import type { SimulatedVendor } from '../../../src/testing/simulation/vendor.js';
import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, modelOf, promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const breakers: Scenario = {
  name: 'breakers',
  about: 'A vendor that comes and goes: one probe at a time, and no caller waits forever.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, {}, { name: 'second.test', faults: { rate: 0.4 } });
    const process = await stage.process('writer', {
      config: {
        breaker: { minimumCalls: 4, failureRate: 0.5, connectionFailures: 3, openMs: 4_000 },
        concurrency: { max: 5 },
        retry: { budget: { capacity: 60, refillPerSecond: 1 } },
      },
    });
    const progress = { isOver: false };
    const flap = async ({ host }: SimulatedVendor): Promise<void> => {
      while (!progress.isOver) {
        await world.sleep(wholeNumber(random, 1_000, 30_000));
        host.crash(chance(random, 0.8) ? 'loudly' : 'silently');
        await world.sleep(wholeNumber(random, 1_000, 20_000));
        host.start();
      }
    };
    const flapping = Promise.all(stage.vendors.map(flap));
    await stage.crowd(scaled(scene, 100), 30, async () => {
      await world.sleep(wholeNumber(random, 0, 5_000));
      const routes = [{ provider: 'vendor-2', model: 'scriptorium/exact' }];
      await stage.generate(
        process,
        {
          model: modelOf(random),
          prompt: promptOf(random),
          ...(chance(random, 0.7) && { overrides: { routes } }),
        },
        readingOf(random),
      );
    });
    progress.isOver = true;
    await flapping;
    await stage.close();
  },
};
