import type { GenerationInput } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { ExactWorld } from './exact-world.js';
import { pages } from './pages.js';

const DAY_MS = 86_400_000;
const MAX_TOKENS = 100;
const LIMIT = 250;

export const spending: Scenario = {
  name: 'spending',
  about: 'An attempt begins exactly if its prompt and its cap fit into what is left of each budget.',
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
    const wanted = Math.ceil((input.prompt ?? '').length / 4) + MAX_TOKENS;
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
  const budget = { dayTokens: 110 };
  const world = await ExactWorld.open(scene, { budget, defaults: { maxTokens: MAX_TOKENS } }, vendorOf(scene));
  const outcomes: string[] = [];
  for (const input of pages(2)) outcomes.push((await world.generate(input)).stat.outcome);
  await scene.world.sleep(DAY_MS);
  for (const input of pages(2)) outcomes.push((await world.generate(input)).stat.outcome);
  world.equal('each day has its own', outcomes, ['success', 'error', 'success', 'error']);
  await world.close();
}

async function inDollars(scene: Scene): Promise<void> {
  const first = await ExactWorld.open(scene, {}, vendorOf(scene));
  await first.generate();
  const { costUsd } = first.vendor.books;
  await first.close();
  for (const scope of ['processUsd', 'dayUsd', 'labelUsd']) {
    const budget = { [scope]: costUsd * 4.5 };
    const world = await ExactWorld.open(scene, { budget }, vendorOf(scene));
    const outcomes: string[] = [];
    for (let index = 0; index < 6; index += 1)
      outcomes.push((await world.generate({ labels: { book: 'ada' } })).stat.outcome);
    // The dearest so far is expected of the next.
    world.equal(scope, outcomes, ['success', 'success', 'success', 'success', 'error', 'error']);
    await world.close();
  }
}

async function perGeneration(scene: Scene): Promise<void> {
  const world = await ExactWorld.open(scene, { defaults: { maxTokens: MAX_TOKENS } }, vendorOf(scene));
  for (const [generationTokens, errorCode] of [
    [101, 'budget'],
    [102, undefined],
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
