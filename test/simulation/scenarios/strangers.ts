import { PHASES } from 'scriptorium';
import type { InterceptorDefinition } from 'scriptorium';
import type { Random } from '../../../src/core/clock.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { FAULTY_INTERCEPTORS } from '../../pipeline/faulty-interceptors.js';
import type { FaultyInterceptor } from '../../pipeline/faulty-interceptors.js';
import { chance, modelOf, promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

/** An end that an interceptor makes by itself is a right end of a shorter text, which no vendor knows. */
const FAULTS = Object.entries(FAULTY_INTERCEPTORS).flatMap(([name, fault]): FaultyInterceptor[] =>
  name.startsWith('ends the answer') ? [] : [fault],
);

export const strangers: Scenario = {
  name: 'strangers',
  about:
    'Interceptors in every phase break their promises now and then: no text is wrong, every request is in the books.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.3 } });
    const faults = world.random('interceptors');
    for (let round = 0; round < scaled(scene, 6); round += 1) {
      const process = await stage.process(`writer-${round}`, {
        interceptors: PHASES.map((phase) => faultyNowAndThen(phase, faults)),
        config: { concurrency: { max: 6 } },
      });
      await stage.crowd(scaled(scene, 40), 12, async () => {
        await world.sleep(wholeNumber(random, 0, 5_000));
        await stage.generate(process, { model: modelOf(random), prompt: promptOf(random) }, readingOf(random));
      });
      await process.stop();
    }
    await stage.close();
  },
};

function faultyNowAndThen(phase: InterceptorDefinition['phase'], random: Random): InterceptorDefinition {
  return {
    name: `stranger-${phase}`,
    phase,
    intercept: (request, next) => {
      const [first, ...others] = FAULTS;
      if (first === undefined || !chance(random, 0.04)) return next(request);
      return oneOf(random, [first, ...others]).intercept(request, next);
    },
  };
}
