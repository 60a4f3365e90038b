import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, promptOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const FREE = 'scriptorium/exact:free';

export const crowd: Scenario = {
  name: 'crowd',
  oneSeedIn: 20,
  about: '1,000 clients at one limit of 20 requests a minute: none is refused, all are served.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { limits: { requestsPerMinute: 20 }, faults: { rate: 0.2 } });
    const process = await stage.process('crowd');
    const count = scaled(scene, 1_000);
    await stage.crowd(count, count, async () => {
      await world.sleep(wholeNumber(random, 0, 5_000));
      const leaves = chance(random, 0.05);
      await stage.generate(
        process,
        { model: FREE, prompt: promptOf(random) },
        leaves ? { leaveAfterMs: wholeNumber(random, 0, 3_000_000) } : {},
      );
    });
    const { refused } = stage.vendor.books;
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests.`);
    await stage.close();
  },
};

export const tokensPerMinute: Scenario = {
  name: 'tokens-per-minute',
  about: 'A limit of tokens a minute holds at every moment, whatever the lengths of the answers.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.2 } });
    const process = await stage.process('writer', {
      config: { rateLimit: { tokensPerMinute: 3_000 }, defaults: { maxTokens: 200 } },
    });
    await stage.crowd(scaled(scene, 130), 30, () =>
      stage.generate(process, { model: 'scriptorium/exact', prompt: promptOf(random) }),
    );
    const used = stage.vendor.requests.map(({ arrivedAt, usage }) => ({
      at: arrivedAt,
      tokens: (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0),
    }));
    for (const { at: from } of used) {
      const sum = used
        .filter(({ at }) => at >= from && at < from + 60_000)
        .reduce((all, { tokens }) => all + tokens, 0);
      world.check(sum <= 3_000, () => `${sum} tokens in the minute from ${from}.`);
    }
    await stage.close();
  },
};
