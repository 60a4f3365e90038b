import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { modelOf, promptOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const MINUTE_MS = 60_000;

export const outages: Scenario = {
  name: 'outages',
  about: 'The vendor is away for minutes to hours, with or without a sign; afterwards all goes on.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.5 } });
    const process = await stage.process('writer', {
      config: { retry: { maxAttempts: 6 }, breaker: { minimumCalls: 5, connectionFailures: 4 } },
    });
    const progress = { isOver: false };
    const weather = async (): Promise<void> => {
      while (!progress.isOver) {
        await world.sleep(wholeNumber(random, 1, 20) * MINUTE_MS);
        stage.vendor.host.crash(oneOf(random, ['loudly', 'silently']));
        await world.sleep(oneOf(random, [0.5, 2, 10, 180]) * MINUTE_MS);
        stage.vendor.host.start();
      }
    };
    const changing = weather();
    await stage.crowd(scaled(scene, 60), 6, async () => {
      await world.sleep(wholeNumber(random, 0, 2 * MINUTE_MS));
      await stage.generate(process, { model: modelOf(random), prompt: promptOf(random) });
    });
    progress.isOver = true;
    await changing;
    const input = { model: 'scriptorium/exact', prompt: 'Write the last page.' };
    stage.vendor.script(...Array.from({ length: 24 }, () => undefined));
    const last = await stage.generate(process, input);
    world.check(last.text === last.expected(), 'The vendor is back, but a generation does not succeed.');
    await stage.close();
  },
};
