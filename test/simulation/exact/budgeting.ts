import { ApiError } from 'scriptorium';
import type { ConfigInput, GenerationEvent, GenerationInput, Usage } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { BROKEN } from './breaks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

/**
 * The most tokens of "Begin.": one for a word, half a token for each of two letters after its third, one for the stop, 5 %
 * more, rounded up; and 8 each for what a template puts around a conversation and around its message.
 */
const PROMPT = 4 + 8 + 8;
const CAP = 60;
/** The most that an attempt can use. */
const MOST = PROMPT + CAP;
/** What it is billed. */
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
    await allOrNone(scene);
    await settled(scene);
    await duringATurn(scene);
  },
};

type Budget = NonNullable<ConfigInput['budget']>;

const withBudget = (scene: Scene, budget: Budget, config: ConfigInput = {}): Promise<ScriptedWorld> =>
  ScriptedWorld.open(scene, { config: { defaults: { maxTokens: CAP }, retry: { jitter: 'none' }, ...config, budget } });

const outcomeOf = ({ error, requests }: Run): string => `${error?.code ?? 'success'} ${requests.length}`;
const startOf = (run: Run | undefined): number => (run && startsOf(run)[0]) ?? NaN;
/** A bill that comes before the answer. */
const billed = (usage: Partial<Usage> = {}): GenerationEvent => ({
  type: 'response-metadata',
  usage: { inputTokens: 10, outputTokens: 5, source: 'reported', ...usage },
});

/** To the token: so much fits, and one token less does not. */
async function exactRoom(scene: Scene): Promise<void> {
  const label: Partial<GenerationInput> = { labels: { book: 'ada' } };
  for (const scope of ['process', 'label', 'day'] as const)
    for (const spare of [0, -1]) {
      const budget = { [`${scope}Tokens`]: USED + MOST + spare };
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
  const failing = (usage: Partial<Usage> = {}): object => ({ before: [billed(usage)], texts: [], end: BROKEN });
  const within = (budget: Budget): Partial<GenerationInput> => ({ overrides: { budget } });
  for (const [generationTokens, outcome] of [
    [MOST - 1, 'budget 0'],
    [MOST, 'budget 1'],
    [USED + MOST - 1, 'budget 1'],
    [USED + MOST, 'success 2'],
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
  // In the middle of a text, it keeps what there is. There is room for the prompt once more, but not for the text behind it.
  vendor.clear();
  const text = 'The sea was calm. The wind had died down by noon';
  vendor.script({ before: [billed()], texts: [text], end: BROKEN });
  const cut = await world.stream(within({ generationTokens: USED + MOST }));
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
  const world = await withBudget(scene, { processTokens: 2 * MOST });
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
  // Five have used 75 of 160, which is room for one more; six have used 90.
  for (const about of ['the fifth', 'the sixth']) checks.equal(about, outcomeOf(await world.stream()), 'success 1');
  checks.equal('then it is spent', outcomeOf(await world.stream()), 'budget 0');
  await world.close();
  const leaving = await withBudget(scene, { processTokens: USED + MOST });
  leaving.vendor.script({ afterMs: 1_000, gapMs: 0 });
  const [, left, next] = await Promise.all([
    leaving.stream(),
    leaving.stream({}, { leaveAfterMs: 500 }),
    leaving.stream(),
  ]);
  leaving.checks.equal(
    'one that leaves its wait',
    [left.attempts.length, Math.round(startOf(next) - next.beganAt)],
    [0, 1_000],
  );
  await leaving.close();
}

/** Each value of the label has a budget of its own. */
async function labels(scene: Scene): Promise<void> {
  const world = await withBudget(scene, { label: 'author', labelTokens: MOST, processTokens: 2_000 });
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
  const both = await withBudget(scene, { labelTokens: 1_000, processTokens: MOST });
  const narrowed = { labels: { book: 'ada' }, overrides: { budget: { labelTokens: MOST - 1 } } };
  both.checks.equal('narrowed', outcomeOf(await both.stream(narrowed)), 'budget 0');
  both.checks.equal('room in both', outcomeOf(await both.stream({ labels: { book: 'ada' } })), 'success 1');
  both.checks.equal('no room in one', outcomeOf(await both.stream({ labels: { book: 'ada' } })), 'budget 0');
  await both.close();
}

/** What one budget refuses is taken from none of the others. */
async function allOrNone(scene: Scene): Promise<void> {
  const [ada, byron] = ['ada', 'byron'].map((book) => ({ labels: { book } }));
  const slow = { afterMs: 1_000 };
  // The label refuses the second. The process has room for one more.
  const full = await withBudget(scene, { labelTokens: MOST, processTokens: 2 * MOST });
  full.vendor.script(slow, slow);
  const [, , third] = await Promise.all([ada, ada, byron].map((input) => full.stream(input)));
  full.checks.equal(
    'nothing of the process',
    [startOf(third) - (third?.beganAt ?? NaN), outcomeOf(third!)],
    [0, 'success 1'],
  );
  await full.close();
  // The process refuses the second, which leaves. The label has room for one.
  const busy = await withBudget(scene, { labelTokens: MOST, processTokens: USED + MOST });
  busy.vendor.script(slow);
  const [, left] = await Promise.all([busy.stream(), busy.stream(ada, { leaveAfterMs: 500 })]);
  busy.checks.equal('it waits', [left.attempts.length, waitsOf(left).length], [0, 1]);
  busy.checks.equal('nothing of the label', outcomeOf(await busy.stream(ada)), 'success 1');
  await busy.close();
}

/** Whatever becomes of an attempt, its reservation ends with its bill. Without one, it ends with the most it can have used. */
async function settled(scene: Scene): Promise<void> {
  const never = new ApiError('connection', 'The connection was refused.', { neverSent: true });
  for (const [reply, used, leaveAfterMs] of [
    [{ usage: { inputTokens: 7, outputTokens: 4, costUsd: 0, source: 'reported' } }, 11],
    [{ texts: [], end: never }, 0],
    [{ texts: ['abcd', 'efgh'], end: new ApiError('content-filter', 'A filter stopped it.') }, MOST],
    [{ texts: ['abcd', 'efgh'], gapMs: 1_000 }, MOST, 500],
    // Figures that come before the end are not the bill of an answer that was left.
    [{ before: [billed()], texts: ['abcd', 'efgh'], gapMs: 1_000 }, MOST, 500],
    // An answer that has come to its end has no more tokens than characters.
    [{ texts: ['abcd', 'efgh'], usage: { inputTokens: 2, outputTokens: 2, source: 'estimated' } }, PROMPT + 8],
  ] as const) {
    for (const spare of [0, -1]) {
      const world = await withBudget(scene, { processTokens: Math.max(used, 0) + MOST + spare });
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
  const config = { budget: { processTokens: 2 * USED + MOST }, defaults: { maxTokens: CAP } };
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
    config: { budget: { processTokens: MOST }, defaults: { maxTokens: CAP }, concurrency: { max: 1 } },
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
