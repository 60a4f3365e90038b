import type { Clock } from '../../../src/core/clock.js';
import { ApiError, tokens } from 'scriptorium';
import type { LimitStore, Reservation, Spending, SpendingRefusal, StateStore } from 'scriptorium';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { Scenario, Scene } from '../scene.js';
import { checksOf } from './checks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

export const stores: Scenario = {
  name: 'stores',
  about: 'What the day has used outlives the process, whatever the store holds, and ends at midnight.',
  run: async (scene) => {
    for (const value of DAMAGED) await damaged(scene, value);
    await outlives(scene);
    await midnight(scene);
    await acrossMidnight(scene);
    await undecided(scene);
    await spendingOutlives(scene);
    await severalKeys(scene);
    await questions(scene);
  },
};

/** Values that no version has written. */
const DAMAGED: readonly unknown[] = [
  null,
  'text',
  7,
  [],
  {},
  { day: 'today', count: 'many', tokens: 'many', usd: 'much' },
  { day: NaN, count: -5, pausedUntil: 'tomorrow', tokens: 5 },
  { day: Infinity, count: Infinity, pausedUntil: Infinity, usd: 5 },
  { count: 3, pausedUntil: null },
];

type Register = (store: StateStore) => NonNullable<Parameters<typeof ScriptedWorld.open>[1]>['register'];

const keptIn: Register = (store) => (container) =>
  void container.register<StateStore>(tokens.STATE_STORE, { useValue: store });

/** A store whose keys all begin with this value. */
function storeWith(value: unknown): StateStore {
  const values = new Map<string, unknown>();
  return {
    update: (key, change) => {
      const next = change(values.has(key) ? values.get(key) : value);
      values.set(key, next);
      return next;
    },
  };
}

/** It counts as empty, and is mended: the next process finds what this one has used. */
async function damaged(scene: Scene, value: unknown): Promise<void> {
  const register = keptIn(storeWith(value));
  for (const outcomes of [['success', 'success', 'error'], ['error']]) {
    const world = await ScriptedWorld.open(scene, {
      vendors: [new ScriptedVendor('bard', { limits: { requestsPerDay: 2 } })],
      register,
      config: { budget: { dayTokens: 1_000 }, defaults: { maxTokens: 10 } },
    });
    for (const outcome of outcomes)
      world.checks.equal(`with ${JSON.stringify(value)}`, (await world.stream()).stat.outcome, outcome);
    await world.close();
  }
}

/** The next process goes on with the count of the day, and with a pause. */
async function outlives(scene: Scene): Promise<void> {
  const store = memoryStateStore();
  for (const outcomes of [['success', 'success'], ['success', 'error'], ['error']]) {
    const world = await ScriptedWorld.open(scene, {
      vendors: [new ScriptedVendor('bard', { limits: { requestsPerDay: 3 } })],
      register: keptIn(store),
    });
    for (const outcome of outcomes) world.checks.equal('of three', (await world.stream()).stat.outcome, outcome);
    await world.close();
  }
  const start = scene.world.now();
  for (const [pausedUntil, isHeld] of [
    [start + 60_000, true],
    [start - 60_000, false],
    [start + 400 * DAY_MS, false],
  ] as const) {
    const world = await ScriptedWorld.open(scene, { register: keptIn(storeWith({ day: 0, count: 0, pausedUntil })) });
    const run = await world.stream({ overrides: { retry: { maxRetryAfterMs: 100_000 } } });
    world.checks.equal(
      `paused until ${pausedUntil - start}`,
      waitsOf(run).map((wait) => wait.for),
      isHeld ? ['quota'] : [],
    );
    world.checks.equal('served', run.stat.outcome, 'success');
    await world.close();
  }
}

/** A request counts for the day on which it is sent, and not at all if it never is. */
async function midnight(scene: Scene): Promise<void> {
  const untilMidnight = DAY_MS - (scene.world.now() % DAY_MS);
  await scene.world.sleep(untilMidnight - HOUR_MS);
  const limits = { requestsPerDay: 2, requestsPerMinute: 1 };
  const world = await ScriptedWorld.open(scene, { vendors: [new ScriptedVendor('bard', { limits })] });
  const { checks } = world;
  const patient = { overrides: { retry: { maxRetryAfterMs: 2 * HOUR_MS } } };
  const runs = await Promise.all([0, 1, 2, 3].map(() => world.stream(patient)));
  const begun = runs[0]?.beganAt ?? NaN;
  const starts = runs.map((run) => (startsOf(run)[0] ?? NaN) - begun);
  checks.equal('the first day', starts.slice(0, 2), [0, 60_250]);
  checks.within('the next day', starts[2], [HOUR_MS, HOUR_MS + 1_000]);
  checks.within('after it', starts[3], [HOUR_MS + 60_250, HOUR_MS + 61_250]);
  const [wait] = waitsOf(runs[2] ?? runs[3]!).filter(({ for: reason }) => reason === 'quota');
  checks.equal('until midnight', (wait?.untilMs ?? NaN) % DAY_MS, 0);
  const over = await world.stream();
  checks.equal(
    'the day is spent',
    [over.error?.code, over.error?.retryAt && over.error.retryAt % DAY_MS],
    ['quota', 0],
  );
  await world.close();
}

/** One that is under way at midnight counts for the new day if it is sent then, and for none if it is given up. */
async function acrossMidnight(scene: Scene): Promise<void> {
  const refused = new ApiError('connection', 'The connection was refused.', { neverSent: true });
  for (const [reply, left] of [
    [{ sentAfterMs: 2_000, afterMs: 3_000 }, 1],
    [{ afterMs: 5_000, texts: [], end: refused }, 2],
  ] as const) {
    await scene.world.sleep(DAY_MS - (scene.world.now() % DAY_MS) - 1_000);
    const vendor = new ScriptedVendor('bard', { limits: { requestsPerDay: 2 } });
    const world = await ScriptedWorld.open(scene, { vendors: [vendor], config: { retry: { maxAttempts: 1 } } });
    vendor.script(reply);
    const crossing = world.stream();
    await scene.world.sleep(1_500);
    const outcomes = [(await world.stream()).stat.outcome];
    await crossing;
    for (let index = 0; index < 2; index += 1) outcomes.push((await world.stream()).stat.outcome);
    const successes = outcomes.filter((outcome) => outcome === 'success').length;
    world.checks.equal(`after ${JSON.stringify(reply)}`, successes, left);
    await world.close();
  }
}

/** A store of the budgets that does not decide is asked again. */
async function undecided(scene: Scene): Promise<void> {
  const answers: SpendingRefusal[] = [{ reason: 'store', retryInMs: 3_000 }, { reason: 'store' }];
  const reservation: Reservation = { isValid: () => true, release: () => undefined, settle: () => undefined };
  const world = await ScriptedWorld.open(scene, {
    config: { budget: { processTokens: 1_000 }, defaults: { maxTokens: 10 } },
    register: (container) =>
      void container.register<Spending>(tokens.SPENDING, {
        useValue: { reserve: () => Promise.resolve(answers.shift() ?? reservation) },
      }),
  });
  const run = await world.stream();
  world.checks.equal(
    'decided at last',
    [run.stat.outcome, waitsOf(run).map((wait) => wait.for)],
    ['success', ['store']],
  );
  world.checks.within('after both times', run.stat.queueMs, [4_000, 4_400]);
  await world.close();
}

/** Money and tokens of the day are in the store, exactly, whichever of them an answer has used. */
async function spendingOutlives(scene: Scene): Promise<void> {
  // Each reserves 20 tokens for "Begin." and 3 for its cap, and is billed 15. The price is not known before.
  for (const [budget, usage, count] of [
    [{ dayTokens: 15 + 23 }, { inputTokens: 10, outputTokens: 5, source: 'reported' }, 2],
    [{ dayTokens: 15 + 23 }, { inputTokens: 10, outputTokens: 5, costUsd: 0, source: 'reported' }, 2],
    [{ dayTokens: 15 + 22 }, { inputTokens: 10, outputTokens: 5, source: 'reported' }, 1],
    [{ dayUsd: 0.25 }, { inputTokens: 0, outputTokens: 0, costUsd: 0.1, source: 'reported' }, 3],
  ] as const) {
    const store = memoryStateStore();
    const outcomes: string[] = [];
    for (let process = 0; process < 4; process += 1) {
      const config = { budget, defaults: { maxTokens: 3 } };
      const world = await ScriptedWorld.open(scene, { register: keptIn(store), config });
      world.vendor.script({ usage });
      outcomes.push((await world.stream()).stat.outcome);
      await world.close();
    }
    const expected = outcomes.map((_, index) => (index < count ? 'success' : 'error'));
    checksOf(scene.world).equal(`of ${JSON.stringify(budget)}`, outcomes, expected);
  }
}

/** A request that shares several limits takes them all, or none. */
async function severalKeys(scene: Scene): Promise<void> {
  const shared = { key: 'account', limits: { requestsPerMinute: 2 } };
  const keysOf = (model: string) => [shared, { key: model, limits: { requestsPerMinute: 1, requestsPerDay: 2 } }];
  const vendor = new ScriptedVendor('bard', { keysOf });
  const world = await ScriptedWorld.open(scene, { vendors: [vendor] });
  const runs = await Promise.all(['a', 'a', 'b', 'c'].map((model) => world.stream({ model })));
  const begun = runs[0]?.beganAt ?? NaN;
  const starts = runs.map((run) => (startsOf(run)[0] ?? NaN) - begun);
  world.checks.equal('all or none', starts, [0, 60_250, 0, 60_250]);
  await scene.world.sleep(60_250);
  const spent = await world.stream({ model: 'a' });
  world.checks.equal('one of them is spent', spent.error?.code, 'quota');
  const free = await Promise.all([world.stream({ model: 'd' }), world.stream({ model: 'e' })]);
  world.checks.equal(
    'the other was given back',
    free.map((run) => waitsOf(run).length),
    [0, 0],
  );
  await world.close();
}

/** A store is asked no more than necessary. */
async function questions(scene: Scene): Promise<void> {
  let [taken, read] = [0, 0];
  const state = memoryStateStore();
  const counted: StateStore = {
    update: (key, change) => {
      read += 1;
      return state.update(key, change);
    },
  };
  const vendors = [new ScriptedVendor('bard', { limits: { requestsPerMinute: 1 } })];
  const world: ScriptedWorld = await ScriptedWorld.open(scene, {
    vendors,
    register: (container) => {
      const clock: Clock = {
        now: () => scene.world.now(),
        monotonic: () => scene.world.elapsedMs,
        setTimer: (ms, run) => scene.world.at(ms, run),
      };
      const local = localLimits({ clock, skewMs: 250, store: counted });
      const store: LimitStore = {
        ...local,
        take: (keys, demand) => {
          taken += 1;
          return local.take(keys, demand);
        },
      };
      container.register<LimitStore>(tokens.LIMIT_STORE, { useValue: store });
    },
  });
  vendors[0]?.script({ sentAfterMs: 20_000, afterMs: 20_100 });
  await Promise.all([world.stream(), world.stream()]);
  world.checks.holds('not polled while requests are under way', taken <= 6, taken);
  await scene.world.sleep(61_000);
  const unlimited = await ScriptedWorld.open(scene, { register: keptIn(counted) });
  read = 0;
  await Promise.all(Array.from({ length: 10 }, () => unlimited.stream()));
  unlimited.checks.holds('not read for each request without a limit of the day', read <= 2, read);
  await unlimited.close();
  await world.close();
}
