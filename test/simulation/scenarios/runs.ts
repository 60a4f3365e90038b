import type { BatchItem, RunStatus } from '../../../plugins/runs/index.js';
import type { Fate } from '../../../src/testing/simulation/remote.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, modelOf } from './choices.js';
import { playOut } from './runs-play.js';
import { RunsWorld } from './runs-world.js';
import { GENERATION_HEADER } from '../oracle.js';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import { Stage } from '../stage.js';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
const FATES: readonly [Fate, ...Fate[]] = ['refused', 'unanswered', 'lost', 'late'];

export const runs: Scenario = {
  name: 'runs',
  about:
    'Three processes write one run. They are killed and paused between any two events, and the journal is slow, away, or loses answers: every text is committed once, to the letter.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, {
      words: oneOf(random, [20, 120, 400]),
      faults: { rate: oneOf(random, [0, 0.2, 0.4]) },
    });
    const fates = world.random('fates');
    const isLossy = chance(random, 0.6);
    const book = new RunsWorld(stage, {
      items: itemsOf(scene, modelOf),
      options: optionsOf(scene),
      isOneMachine: chance(random, 0.5),
      fateOf: () => (isLossy && chance(fates, 0.08) ? oneOf(fates, FATES) : 'fine'),
      setUp: () => ({ skewMs: wholeNumber(random, -HOUR_MS, HOUR_MS) }),
    });
    const everyMs = oneOf(random, [2_000, 10_000]);
    await playOut(scene, book, { disturbances: 'all', everyMs, longestMs: 2 * DAY_MS });
    await book.check();
    await stage.close();
  },
};

/** Tokens that the vendor writes in a second. */
const TOKENS_PER_SECOND = 50;
/** Virtual milliseconds for which text can be on its way from the vendor, and to the journal, beside the checkpoint. */
const UNDER_WAY_MS = 400;
/** Characters of a long token. */
const TOKEN = 10;

export const runsKilled: Scenario = {
  name: 'runs-killed',
  about: 'Processes that write a run are killed: of each text, only what was not yet journalled is paid again.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { words: oneOf(random, [120, 400]), tokensPerSecond: TOKENS_PER_SECOND });
    const options = optionsOf(scene);
    const book = new RunsWorld(stage, {
      items: itemsOf(scene, () => 'scriptorium/exact'),
      options,
      isOneMachine: chance(random, 0.5),
      fateOf: () => 'fine',
    });
    await playOut(scene, book, { disturbances: 'kills', everyMs: 4_000, longestMs: 2 * DAY_MS });
    await book.check();
    for (const { item, run, text, epoch } of await book.journal.records('book')) {
      const written = stage.vendor.requests
        .filter(({ headers }) => headers[GENERATION_HEADER]?.startsWith(`${run}/${item}/`) === true)
        .reduce((sum, request) => sum + request.text.length, 0);
      const mostOfAKill = ((options.checkpointMs + UNDER_WAY_MS) / 1_000) * TOKENS_PER_SECOND * TOKEN;
      world.check(
        written - text.length <= (epoch - 1) * mostOfAKill,
        () => `Of "${item}", ${written} characters were paid for ${text.length}, with ${epoch} claims.`,
      );
    }
    await stage.close();
  },
};

const FREE = 'scriptorium/exact:free';

export const runsQuota: Scenario = {
  name: 'runs-quota',
  about: "The day's quota is spent in the middle of a run: its items are parked, and go on after the reset.",
  run: async (scene) => {
    const { world, random } = scene;
    const requestsPerDay = wholeNumber(random, 5, 12);
    const stage = new Stage(scene, {
      limits: { requestsPerMinute: 20, requestsPerDay },
      freeModelDailyRequests: { limit: requestsPerDay },
    });
    await world.sleep(wholeNumber(random, 0, 24) * HOUR_MS);
    const book = new RunsWorld(stage, {
      items: itemsOf(scene, () => FREE),
      options: { ...optionsOf(scene), patienceMs: 90_000 },
      isOneMachine: true,
      fateOf: () => 'fine',
      parkedMs: HOUR_MS,
      setUp: () => ({ config: { rateLimit: { requestsPerDay: chance(random, 0.5) ? 'account' : requestsPerDay } } }),
    });
    await playOut(scene, book, { disturbances: 'kills', everyMs: HOUR_MS, longestMs: 10 * DAY_MS });
    await book.check();
    const { mostInADay } = stage.vendor.books;
    world.check(mostInADay <= requestsPerDay, () => `Of a day's ${requestsPerDay} requests, ${mostInADay} were used.`);
    await stage.close();
  },
};

/** US dollars of a token of text, and of a request's prompt with the longest text that it continues. */
const [TOKEN_USD, PROMPT_USD] = [4e-6, 4e-4];

export const runsBudget: Scenario = {
  name: 'runs-budget',
  about: 'The budget of a run holds over all processes, whatever dies: items wait for more, and go on with it.',
  run: async (scene) => {
    const { world, random } = scene;
    const words = oneOf(random, [30, 120]);
    const stage = new Stage(scene, {
      words,
      faults: { rate: oneOf(random, [0, 0.3]) },
      tokensPerSecond: TOKENS_PER_SECOND,
    });
    const options = { ...optionsOf(scene), budgetUsd: wholeNumber(random, 1, 40) / 10_000 };
    const book = new RunsWorld(stage, {
      // An item holds what its text may cost at most.
      items: itemsOf(scene, () => 'scriptorium/exact', 2 * words),
      options,
      isOneMachine: chance(random, 0.5),
      fateOf: () => 'fine',
    });
    const disturbances = oneOf(random, ['kills', 'all'] as const);
    const changes = ({ limits }: RunStatus) => ({ budgetUsd: limits.budgetUsd * 1.5 });
    await playOut(scene, book, { disturbances, everyMs: 10_000, longestMs: 2 * DAY_MS, changes });
    await book.check();
    const [run] = await book.journal.runs();
    const lost = (await book.journal.records('book')).reduce((sum, { epoch }) => sum + epoch - 1, 0);
    const [billed, budget] = [stage.vendor.books.costUsd, run?.limits.budgetUsd ?? 0];
    // What a process has not yet journalled when it dies is not counted. While it stands still, its vendor writes on.
    const unseen = ((options.checkpointMs + UNDER_WAY_MS) / 1_000) * TOKENS_PER_SECOND * TOKEN_USD + PROMPT_USD;
    if (disturbances === 'kills')
      world.check(billed <= budget + lost * unseen, () => `The vendor billed ${billed} of ${budget} US dollars.`);
    world.note(`billed ${JSON.stringify({ billed, budget, lost, unseen, cost: run?.cost, disturbances })}`);
    await stage.close();
  },
};

function optionsOf({ random }: Scene) {
  return {
    name: 'book',
    concurrency: wholeNumber(random, 1, 6),
    leaseMs: oneOf(random, [5_000, 30_000]),
    checkpointMs: oneOf(random, [100, 250, 1_000]),
    tries: 20,
    restarts: 20,
    wait: chance(random, 0.5),
  };
}

const LEAST_ITEMS = 6;

function itemsOf(scene: Scene, model: (random: Scene['random']) => string, maxTokens?: number): readonly BatchItem[] {
  const { random } = scene;
  return Array.from({ length: Math.max(LEAST_ITEMS, scaled(scene, 12)) }, (_, index) => ({
    id: `chapter ${index + 1}`,
    ...(index > 0 && chance(random, 0.3) ? { after: [`chapter ${wholeNumber(random, 1, index)}`] } : {}),
    input: {
      model: model(random),
      prompt: `Write chapter ${index + 1} of the life of Ada Lovelace.`,
      ...(maxTokens === undefined ? {} : { maxTokens }),
    },
  }));
}
