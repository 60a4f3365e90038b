import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const budgets: Scenario = {
  name: 'budgets',
  about: 'Budgets in tokens hold for books, days and the process, whatever happens at once.',
  expectedUntil: 'issue 4 of 12',
  expectedViolation: /tokens were billed; the budget is/,
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.4 } });
    const [labelTokens, processTokens] = [1_500, wholeNumber(random, 2_500, 4_000)];
    const process = await stage.process('writer', {
      config: { budget: { labelTokens, processTokens, dayTokens: 3_500 }, defaults: { maxTokens: 150 } },
    });
    await stage.crowd(scaled(scene, 80), 25, async () => {
      await world.sleep(wholeNumber(random, 0, 20_000));
      const book = oneOf(random, ['ada', 'byron', 'babbage']);
      const input = { model: 'scriptorium/exact', prompt: promptOf(random), labels: { book } };
      await stage.generate(process, input, readingOf(random));
      const { promptTokens, completionTokens } = stage.vendor.books;
      const used = promptTokens + completionTokens;
      world.check(used <= processTokens, () => `${used} tokens were billed; the budget is ${processTokens}.`);
    });
    await stage.close();
  },
};
