import { tokens } from 'scriptorium';
import type { LimitStore } from 'scriptorium';
import type { Fate } from '../../../src/testing/simulation/remote.js';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, promptOf } from './choices.js';
import { remoteLimits, storesOn } from '../remote-parts.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const FREE = 'scriptorium/exact:free';
const NAMES = ['north', 'south', 'east', 'west'] as const;

export const shared: Scenario = {
  name: 'shared',
  about: 'Four processes with one key and one limit store are paused, killed and started again: the limit holds.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { limits: { requestsPerMinute: 20 }, faults: { rate: 0.4 } });
    const database = world.host('database.test', () => undefined);
    const stores = storesOn(database);
    const fates = world.random('fates');
    const fateOf = (method: string): Fate =>
      method === 'take' && chance(fates, 0.1) ? oneOf(fates, ['refused', 'unanswered', 'lost', 'late']) : 'fine';
    const processes: SimulatedProcess[] = [];
    for (const name of NAMES)
      processes.push(
        await stage.process(name, (life) => ({
          skewMs: wholeNumber(random, -60_000, 60_000),
          register: (container) =>
            void container.register<LimitStore>(tokens.LIMIT_STORE, {
              useValue: remoteLimits(stores, world.remote(database, life, fateOf)),
            }),
        })),
      );
    const progress = { isOver: false };
    const fate = (async () => {
      while (!progress.isOver) {
        await world.sleep(wholeNumber(random, 5_000, 90_000));
        const process = oneOf(random, [processes[0]!, ...processes.slice(1)]);
        if (chance(random, 0.5)) {
          process.pause();
          await world.sleep(wholeNumber(random, 100, 30_000));
          process.resume();
        } else await process.restart();
      }
      for (const process of processes) process.resume();
    })();
    await stage.crowd(scaled(scene, 70), 24, async (index) => {
      const process = processes[index % processes.length]!;
      // A process that is being started again has no pipeline for a moment.
      while (!process.isRunning) await world.sleep(1_000);
      await stage.generate(process, { model: FREE, prompt: promptOf(random) });
    });
    progress.isOver = true;
    await fate;
    const { refused } = stage.vendor.books;
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests.`);
    await stage.close();
  },
};

export const twoPipelines: Scenario = {
  name: 'two-pipelines',
  about: 'Two pipelines of a process use one key, one of them with a limit of its own: the strictest limit holds.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { limits: { requestsPerMinute: 20 }, faults: { rate: 0.3 } });
    const process = await stage.process('writer', {
      config: { rateLimit: { requestsPerMinute: 0, minIntervalMs: 0 } },
    });
    const sibling = await stage.sibling(process);
    await stage.crowd(scaled(scene, 80), 40, async (index) => {
      await world.sleep(wholeNumber(random, 0, 10_000));
      // The strictest limit is known from the first generation of the pipeline that brings it.
      const writer = index === 0 || index % 2 === 1 ? sibling : process;
      if (index > 0) await world.sleep(12_000);
      await stage.generate(writer, { model: FREE, prompt: promptOf(random) });
    });
    const { refused } = stage.vendor.books;
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests.`);
    await stage.close();
  },
};
