import type { GenerationInput } from 'scriptorium';
import { aRequest } from 'scriptorium/testing';
import { PromptBounds } from '../../../src/chain/admit/prompt-bound.js';
import type { Scenario, Scene } from '../scene.js';
import { ExactWorld } from './exact-world.js';
import { pages } from './pages.js';

const DAY_MS = 86_400_000;
const MAX_TOKENS = 100;
const LIMIT = 250;
const [PROMPT_USD, COMPLETION_USD] = [0.000_001, 0.000_004];
const OWN_KEY_FEE = 1.05;

export const spending: Scenario = {
  name: 'spending',
  about: 'An attempt begins exactly if the most that it can use fits into what is left of each budget.',
  run: async (scene) => {
    await inTokens(scene, { processTokens: LIMIT }, () => ({}));
    await inTokens(scene, { labelTokens: LIMIT }, () => ({ labels: { book: 'ada' } }));
    await inTokens(scene, {}, () => ({ labels: { book: 'ada' }, overrides: { budget: { labelTokens: LIMIT } } }));
    await inTokens(scene, { dayTokens: LIMIT }, () => ({}));
    await perDay(scene);
    await inDollars(scene);
    await perGeneration(scene);
  },
};

type Budget = Readonly<Record<string, number>>;

/** One generation after the other, so that nothing is reserved when the next begins. */
async function inTokens(scene: Scene, budget: Budget, own: () => Partial<GenerationInput>): Promise<void> {
  const world = await ExactWorld.open(scene, { budget, defaults: { maxTokens: MAX_TOKENS } }, vendorOf(scene));
  let refused = 0;
  for (const input of pages(14)) {
    const { promptTokens, completionTokens } = world.vendor.books;
    const wanted = boundOf(input.prompt ?? '') + MAX_TOKENS;
    const fits = promptTokens + completionTokens + wanted <= LIMIT;
    const { stat, arrivals } = await world.generate({ ...input, ...own() });
    world.equal(
      `in ${JSON.stringify(budget)}`,
      [stat.errorCode === 'budget', arrivals.length],
      fits ? [false, 1] : [true, 0],
    );
    if (!fits) refused += 1;
  }
  world.equal('the budget is met', refused > 0, true);
  if ('labelTokens' in budget) {
    const { stat } = await world.generate({ labels: { book: 'byron' } });
    world.equal('another label', stat.outcome, 'success');
  }
  await world.close();
}

async function perDay(scene: Scene): Promise<void> {
  const budget = { dayTokens: 125 };
  const world = await ExactWorld.open(scene, { budget, defaults: { maxTokens: MAX_TOKENS } }, vendorOf(scene));
  const outcomes: string[] = [];
  for (const input of pages(2)) outcomes.push((await world.generate(input)).stat.outcome);
  await scene.world.sleep(DAY_MS);
  for (const input of pages(2)) outcomes.push((await world.generate(input)).stat.outcome);
  world.equal('each day has its own', outcomes, ['success', 'error', 'success', 'error']);
  await world.close();
}

async function inDollars(scene: Scene): Promise<void> {
  for (const scope of ['processUsd', 'dayUsd', 'labelUsd']) {
    const limitUsd = 0.001_7;
    const world = await ExactWorld.open(
      scene,
      { budget: { [scope]: limitUsd }, defaults: { maxTokens: MAX_TOKENS } },
      vendorOf(scene),
    );
    await world.loadPrices();
    for (const input of pages(20)) {
      const worstUsd = (boundOf(input.prompt ?? '') * PROMPT_USD + MAX_TOKENS * COMPLETION_USD) * OWN_KEY_FEE;
      const fits = world.vendor.books.costUsd + worstUsd <= limitUsd;
      const { stat } = await world.generate({ ...input, labels: { book: 'ada' } });
      world.equal(`${scope} at $${world.vendor.books.costUsd}`, stat.errorCode, fits ? undefined : 'budget');
    }
    world.equal(`${scope} is met`, world.vendor.books.costUsd > limitUsd / 2, true);
    await world.close();
  }
}

async function perGeneration(scene: Scene): Promise<void> {
  const world = await ExactWorld.open(scene, { defaults: { maxTokens: MAX_TOKENS } }, vendorOf(scene));
  for (const [generationTokens, errorCode] of [
    [boundOf('Begin.') + MAX_TOKENS - 1, 'budget'],
    [boundOf('Begin.') + MAX_TOKENS, undefined],
  ] as const) {
    const { stat } = await world.generate({ overrides: { budget: { generationTokens } } });
    world.equal(`a generation of ${generationTokens}`, stat.errorCode, errorCode);
  }
  await world.close();
}

/** Each budget has a vendor with books of its own. */
function vendorOf({ world }: Scene): { readonly name: string; readonly words: number } {
  return { name: `vendor-${world.processes.length}.test`, words: 8 };
}

/** The most tokens that a prompt of one message counts. */
function boundOf(prompt: string): number {
  return new PromptBounds().boundOf(aRequest({ messages: [{ role: 'user', content: prompt }] })).tokens;
}
