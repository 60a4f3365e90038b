import { chance, modelOf, promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const storm: Scenario = {
  name: 'storm',
  about: 'Four requests in ten meet a fault; every text is exact or fails.',
  run: async (scene) => {
    const { random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.4 } });
    const process = await stage.process('writer');
    await stage.crowd(scaled(scene, 400), 20, () =>
      stage.generate(
        process,
        {
          model: modelOf(random),
          prompt: promptOf(random),
          ...(chance(random, 0.1) && { wire: 'json' }),
          ...(chance(random, 0.1) && { overrides: { continuity: { onBreak: 'restart' } } }),
        },
        readingOf(random),
      ),
    );
    await stage.close();
  },
};
