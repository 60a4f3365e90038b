import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, modelOf, promptOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const cancellation: Scenario = {
  name: 'cancellation',
  about: 'Readers leave in every state: in a queue, in a backoff, while connecting, within the text.',
  run: async (scene) => {
    const { random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.5 } });
    const process = await stage.process('writer', {
      config: { concurrency: { max: 4 }, rateLimit: { requestsPerMinute: 60, minIntervalMs: 100 } },
    });
    await stage.crowd(scaled(scene, 60), 30, () =>
      stage.generate(
        process,
        { model: modelOf(random), prompt: promptOf(random) },
        chance(random, 0.7)
          ? { leaveAfterMs: wholeNumber(random, 0, 8_000), bySignal: chance(random, 0.5) }
          : { leaveAfterDeltas: wholeNumber(random, 1, 30), bySignal: chance(random, 0.5) },
      ),
    );
    await stage.close();
  },
};

export const disposal: Scenario = {
  name: 'disposal',
  about: 'The pipeline is drained or disposed of at any moment: every generation settles.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.5 } });
    for (let round = 0; round < scaled(scene, 3); round += 1) {
      const process = await stage.process(`writer-${round}`, {
        config: { concurrency: { max: 6 }, rateLimit: { minIntervalMs: 200 } },
      });
      const ending = (async () => {
        await world.sleep(wholeNumber(random, 0, 6_000));
        if (chance(random, 0.5)) await process.pipeline.drain(wholeNumber(random, 0, 5_000));
        await process.stop();
      })();
      await stage.crowd(20, 20, () => stage.generate(process, { model: modelOf(random), prompt: promptOf(random) }));
      await ending;
    }
    await stage.close();
  },
};
