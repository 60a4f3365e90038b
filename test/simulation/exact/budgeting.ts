import { ApiError } from 'scriptorium';
import type { ConfigInput, GenerationEvent, GenerationInput, Usage } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { BROKEN } from './breaks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

/** "Begin." counts as two tokens. */
const PROMPT = 2;
const CAP = 60;
const USED = 15;

export const budgeting: Scenario = {
  name: 'budgeting',
  about: 'An attempt reserves what it may use, in all its budgets or in none, and settles what it has used.',
  run: async (scene) => {
    await exactRoom(scene);
    await ofAGeneration(scene);
    await dollars(scene);
    await reservations(scene);
    await labels(scene);
    await settled(scene);
    await duringATurn(scene);
  },
};

type Budget = NonNullable<ConfigInput['budget']>;

const withBudget = (scene: Scene, budget: Budget, config: ConfigInput = {}): Promise<ScriptedWorld> =>
  ScriptedWorld.open(scene, { config: { defaults: { maxTokens: CAP }, retry: { jitter: 'none' }, ...config, budget } });

const outcomeOf = ({ error, requests }: Run): string => `${error?.code ?? 'success'} ${requests.length}`;
const startOf = (run: Run | undefined): number => (run && startsOf(run)[0]) ?? NaN;

/** To the token: so much fits, and one token less does not. */
async function exactRoom(scene: Scene): Promise<void> {
  const label: Partial<GenerationInput> = { labels: { book: 'ada' } };
  for (const scope of ['process', 'label', 'day'] as const)
    for (const spare of [0, -1]) {
      const budget = { [`${scope}Tokens`]: USED + PROMPT + CAP + spare };
      const world = await withBudget(scene, budget);
      world.checks.equal(`the first in ${JSON.stringify(budget)}`, outcomeOf(await world.stream(label)), 'success 1');
      const second = await world.stream(label);
      world.checks.equal(`the second of ${spare}`, outcomeOf(second), spare === 0 ? 'success 1' : 'budget 0');
      if (second.error !== undefined) {
        world.checks.equal('it does not wait', [second.endedAt - second.beganAt, waitsOf(second)], [0, []]);
        world.checks.holds('names its scope', second.error.message.includes(`budget.${scope}`), second.error.message);
      }
      await world.close();
    }
}

/** The budget of a generation counts all its attempts. */
async function ofAGeneration(scene: Scene): Promise<void> {
  const world = await withBudget(scene, {}, { continuity: { onBreak: 'resume' } });
  const { checks, vendor } = world;
  const reported = (usage: Partial<Usage>): GenerationEvent => ({
    type: 'response-metadata',
    usage: { inputTokens: 10, outputTokens: 5, source: 'reported', ...usage },
  });
  const failing = (usage: Partial<Usage> = {}): object => ({ before: [reported(usage)], texts: [], end: BROKEN });
  const within = (budget: Budget): Partial<GenerationInput> => ({ overrides: { budget } });
  for (const [generationTokens, outcome] of [
    [PROMPT + CAP - 1, 'budget 0'],
    [PROMPT + CAP, 'budget 1'],
    [USED + PROMPT + CAP - 1, 'budget 1'],
    [USED + PROMPT + CAP, 'success 2'],
  ] as const) {
    vendor.clear();
    vendor.script(failing());
    checks.equal(
      `within ${generationTokens} tokens`,
      outcomeOf(await world.stream(within({ generationTokens }))),
      outcome,
    );
  }
  vendor.clear();
  for (const [generationUsd, outcome] of [
    [0.1, 'budget 1'],
    [0.15, 'success 2'],
  ] as const) {
    vendor.clear();
    vendor.script(failing({ costUsd: 0.1 }));
    checks.equal(`within $${generationUsd}`, outcomeOf(await world.stream(within({ generationUsd }))), outcome);
  }
  // In the middle of a text, it keeps what there is.
  vendor.clear();
  const text = 'The sea was calm. The wind had died down by noon';
  vendor.script({ before: [reported({})], texts: [text], end: BROKEN });
  const cut = await world.stream(within({ generationTokens: USED + CAP }));
  checks.equal('in a text', [outcomeOf(cut), cut.error?.partial?.text], ['budget 1', text]);
  await world.close();
}

/** Money is counted exactly, by scope. */
async function dollars(scene: Scene): Promise<void> {
  for (const scope of ['processUsd', 'dayUsd', 'labelUsd'] as const) {
    const world = await withBudget(scene, { [scope]: 0.3 });
    const outcomes: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      world.vendor.script({ usage: { inputTokens: 1, outputTokens: 1, costUsd: 0.1, source: 'reported' } });
      outcomes.push(outcomeOf(await world.stream({ labels: { book: 'ada' } })));
    }
    world.checks.equal(`${scope}: there is room at first`, outcomes[0], 'success 1');
    world.checks.equal(`${scope}: spent`, outcomes.slice(3), ['budget 0', 'budget 0']);
    await world.close();
  }
  const free = await withBudget(scene, { processUsd: 0.3 });
  for (let index = 0; index < 3; index += 1) {
    free.vendor.script({ usage: { inputTokens: 1, outputTokens: 1, costUsd: 0, source: 'reported' } });
    free.checks.equal('what costs nothing', outcomeOf(await free.stream()), 'success 1');
  }
  await free.close();
}

/** What does not fit because of attempts under way waits for them, in order. */
async function reservations(scene: Scene): Promise<void> {
  const world = await withBudget(scene, { processTokens: 2 * (PROMPT + CAP) });
  const { checks, vendor } = world;
  const slow = { afterMs: 1_000, texts: ['A ', 'text.'], gapMs: 500 };
  vendor.script(slow, slow, slow, slow);
  const runs = await Promise.all([0, 1, 2, 3].map(() => world.stream()));
  const begun = runs[0]?.beganAt ?? NaN;
  checks.equal(
    'two at once',
    runs.map((run) => startOf(run) - begun),
    [0, 0, 2_000, 4_000],
  );
  checks.equal(
    'why',
    runs.map((run) => waitsOf(run).map((wait) => wait.for)),
    [[], [], ['budget'], ['budget']],
  );
  checks.equal('all of it is counted', outcomeOf(await world.stream()), 'success 1');
  checks.equal('then it is spent', outcomeOf(await world.stream()), 'budget 0');
  await world.close();
  const leaving = await withBudget(scene, { processTokens: PROMPT + CAP + USED });
  leaving.vendor.script({ afterMs: 3_000 });
  const [, left, next] = await Promise.all([
    leaving.stream({}, { leaveAfterMs: 1_000 }),
    leaving.stream({}, { leaveAfterMs: 500 }),
    leaving.stream(),
  ]);
  leaving.checks.equal('one that leaves its wait', [left.attempts.length, startOf(next) - next.beganAt], [0, 1_000]);
  await leaving.close();
}

/** Each value of the label has a budget of its own, and what one scope refuses is taken from none. */
async function labels(scene: Scene): Promise<void> {
  const world = await withBudget(scene, { label: 'author', labelTokens: PROMPT + CAP, processTokens: 2_000 });
  const { checks, vendor } = world;
  const by = (author: string): Partial<GenerationInput> => ({ labels: { author, book: 'one' } });
  checks.equal('the first of ada', outcomeOf(await world.stream(by('ada'))), 'success 1');
  checks.equal('the second of ada', outcomeOf(await world.stream(by('ada'))), 'budget 0');
  checks.equal('the first of byron', outcomeOf(await world.stream(by('byron'))), 'success 1');
  checks.equal('without a label', outcomeOf(await world.stream({ labels: { book: 'one' } })), 'success 1');
  vendor.script({ afterMs: 1_000 });
  const runs = await Promise.all([by('mary'), by('mary'), by('percy')].map((input) => world.stream(input)));
  checks.equal(
    'only the same label waits',
    runs.map((run) => waitsOf(run).length),
    [0, 1, 0],
  );
  checks.equal('and then it is spent', runs.map(outcomeOf), ['success 1', 'budget 0', 'success 1']);
  await world.close();
  const both = await withBudget(scene, { labelTokens: 1_000, processTokens: PROMPT + CAP });
  await both.stream();
  both.checks.equal('no room in one', outcomeOf(await both.stream({ labels: { book: 'ada' } })), 'budget 0');
  const narrowed = { labels: { book: 'ada' }, overrides: { budget: { labelTokens: PROMPT } } };
  both.checks.equal('narrowed', outcomeOf(await both.stream(narrowed)), 'budget 0');
  await both.close();
}

/** Whatever becomes of an attempt, its reservation ends with what it has used. */
async function settled(scene: Scene): Promise<void> {
  const never = new ApiError('connection', 'The connection was refused.', { neverSent: true });
  for (const [reply, used, leaveAfterMs] of [
    [{ usage: { inputTokens: 7, outputTokens: 4, costUsd: 0, source: 'reported' } }, 11],
    [{ texts: [], end: never }, 0],
    [{ texts: ['abcd', 'efgh'], end: new ApiError('content-filter', 'A filter stopped it.') }, PROMPT + 2],
    [{ texts: ['abcd', 'efgh'], gapMs: 1_000 }, PROMPT + 1, 500],
  ] as const) {
    for (const spare of [0, -1]) {
      const world = await withBudget(scene, { processTokens: Math.max(used, 0) + PROMPT + CAP + spare });
      world.vendor.script(reply);
      const first = await world.stream({}, leaveAfterMs === undefined ? {} : { leaveAfterMs });
      const about = `after ${first.stat.outcome}, ${used} used`;
      if (used + spare >= 0) world.checks.equal('begun', first.attempts.length, 1);
      world.checks.equal(about, outcomeOf(await world.stream()), spare === 0 ? 'success 1' : 'budget 0');
      await world.close();
    }
  }
}

/** Nothing is reserved, taken or held by a caller that waits for something else. */
async function duringATurn(scene: Scene): Promise<void> {
  const vendors = [new ScriptedVendor('bard', { limits: { requestsPerMinute: 1 } }), new ScriptedVendor('scald')];
  const config = { budget: { processTokens: 2 * (PROMPT + CAP) + USED }, defaults: { maxTokens: CAP } };
  const world = await ScriptedWorld.open(scene, { vendors, config });
  const { checks } = world;
  await world.stream();
  const waiting = world.stream();
  const other = await world.stream({ provider: 'scald' });
  checks.equal('reserves nothing', [startOf(other) - other.beganAt, waitsOf(other)], [0, []]);
  checks.equal('and is served', (await waiting).stat.outcome, 'success');
  await world.close();
  const slots = await ScriptedWorld.open(scene, {
    vendors: [new ScriptedVendor('bard'), new ScriptedVendor('scald')],
    config: { budget: { processTokens: PROMPT + CAP }, defaults: { maxTokens: CAP }, concurrency: { max: 1 } },
  });
  const [first] = slots.vendors;
  first?.script({ afterMs: 1_000, usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, source: 'reported' } });
  const runs = await Promise.all(
    [{}, { provider: 'scald' }, { provider: 'scald' }].map((input) => slots.stream(input)),
  );
  slots.checks.equal('holds no slot', runs.map(outcomeOf), ['success 1', 'success 1', 'budget 0']);
  slots.checks.equal('in order', startOf(runs[1]) - startOf(runs[0]), 1_020);
  await slots.close();
}
