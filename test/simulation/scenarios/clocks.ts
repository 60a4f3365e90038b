import type { Standstill } from '../../../src/testing/simulation/process.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const HOUR_MS = 3_600_000;

export const clocks: Scenario = {
  name: 'clocks',
  about: 'The wall clock jumps by hours, and the machine sleeps: no false timeout, no wrong text, no burst.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.6 }, limits: { requestsPerMinute: 20 } });
    const process = await stage.process('laptop', { config: { rateLimit: { requestsPerMinute: 20 } } });
    const progress = { isOver: false };
    const disturbing = (async () => {
      while (!progress.isOver) {
        await world.sleep(wholeNumber(random, 5_000, 60_000));
        if (chance(random, 0.5)) process.moveWallClock(oneOf(random, [-1, 1]) * wholeNumber(random, 1, 2) * HOUR_MS);
        else {
          process.pause(oneOf<Standstill>(random, [{}, { stops: 'monotonic' }, { stops: 'wall' }]));
          await world.sleep(oneOf(random, [500, 30_000, 5 * HOUR_MS]));
          process.resume();
        }
      }
    })();
    await stage.crowd(scaled(scene, 60), 10, () =>
      stage.generate(process, { model: 'scriptorium/exact:free', prompt: promptOf(random) }, readingOf(random)),
    );
    progress.isOver = true;
    await disturbing;
    const { refused } = stage.vendor.books;
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests.`);
    await stage.close();
  },
};
