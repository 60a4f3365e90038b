import { of } from 'rxjs';
import { tokens } from 'scriptorium';
import type { GenerationInput, InterceptorDefinition, LimitLease, LimitRefusal, LimitStore } from 'scriptorium';
import { ApiError, RateLimitError } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { pages } from './pages.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

const MINUTE_MS = 60_250;

export const waiting: Scenario = {
  name: 'waiting',
  about: 'Callers wait in their order, hold nothing meanwhile, and see why and until when.',
  run: async (scene) => {
    await slots(scene);
    await windows(scene);
    await unsent(scene);
    await pauses(scene);
    await stores(scene);
    await invalid(scene);
    await withoutAttempt(scene);
    await reservedTokens(scene);
  },
};

const startOf = (run: Run | undefined): number => (run && startsOf(run)[0]) ?? NaN;
const reasonsOf = (run: Run): readonly string[] => waitsOf(run).map((wait) => wait.for);

/** No more at once than there may be; the next begins as one ends. */
async function slots(scene: Scene): Promise<void> {
  const world = await ScriptedWorld.open(scene, { config: { concurrency: { max: 2 } } });
  const { checks, vendor } = world;
  const reply = { afterMs: 1_000, texts: ['A ', 'text.'], gapMs: 500 };
  vendor.script(reply, reply, reply, reply, reply);
  const runs = await Promise.all(pages(5).map((input) => world.stream(input)));
  const begun = runs[0]?.beganAt ?? NaN;
  checks.equal(
    'two at once',
    runs.map((run) => startOf(run) - begun),
    [0, 0, 2_000, 2_000, 4_000],
  );
  checks.equal('why', runs.map(reasonsOf), [[], [], ['slot'], ['slot'], ['slot']]);
  checks.equal(
    'in the queue',
    runs.map(({ stat }) => stat.queueMs),
    [0, 0, 2_000, 2_000, 4_000],
  );
  vendor.script(reply, reply, reply);
  const [, , third, fourth] = await Promise.all([
    world.stream({}, { leaveAfterMs: 300 }),
    world.stream(),
    world.stream({}, { leaveAfterMs: 200 }),
    world.stream(),
  ]);
  checks.equal('one that left', [third.attempts.length, startOf(fourth) - fourth.beganAt], [0, 300]);
  const late = await Promise.all([
    world.stream(),
    world.stream(),
    world.stream({ overrides: { timeouts: { queueMs: 50 } } }),
  ]);
  checks.equal('not longer than it may', [late[2].error?.code, late[2].endedAt - late[2].beganAt], ['timeout', 50]);
  checks.holds('names the slot', late[2].error?.message.includes('a slot') === true, late[2].error?.message);
  await world.close();
}

/** A window, used to the full; members behind the head are told the reason, too. */
async function windows(scene: Scene): Promise<void> {
  const vendor = new ScriptedVendor('bard', { limits: { requestsPerMinute: 2 } });
  const world = await ScriptedWorld.open(scene, { vendors: [vendor, new ScriptedVendor('scald')] });
  const { checks } = world;
  const runs = await Promise.all(pages(5).map((input) => world.stream(input)));
  const begun = runs[0]?.beganAt ?? NaN;
  checks.equal(
    'two a minute',
    runs.map((run) => startOf(run) - begun),
    [0, 0, MINUTE_MS, MINUTE_MS, 2 * MINUTE_MS],
  );
  checks.equal('why', runs.map(reasonsOf), [[], [], ['rate-limit'], ['rate-limit'], ['rate-limit']]);
  const start = world.process.clock.now() - world.now;
  checks.within('until when', waitsOf(runs[2] as Run)[0]?.untilMs, [
    start + begun + MINUTE_MS,
    start + begun + MINUTE_MS,
  ]);
  const [, held, other] = await Promise.all([world.stream(), world.stream(), world.stream({ provider: 'scald' })]);
  checks.equal('another provider does not wait', [reasonsOf(held), reasonsOf(other)], [['rate-limit'], []]);
  await scene.world.sleep(MINUTE_MS);
  // One that leaves without being sent does not count.
  const away = new ApiError('connection', 'The connection was refused.', { neverSent: true });
  vendor.script({ texts: [], end: away }, { texts: [], end: away });
  const input: Partial<GenerationInput> = { overrides: { retry: { maxAttempts: 1 } } };
  for (const fails of [true, true, false, false])
    checks.equal('not sent', (await world.stream(input)).error !== undefined, fails);
  await world.close();
}

/** Until the requests under way are sent, the end of a wait is not known. */
async function unsent(scene: Scene): Promise<void> {
  for (const limits of [{ requestsPerMinute: 1 }, { minIntervalMs: 2_000 }]) {
    const world = await ScriptedWorld.open(scene, { vendors: [new ScriptedVendor('bard', { limits })] });
    const { checks, vendor } = world;
    const away = new ApiError('connection', 'The connection was refused.', { neverSent: true });
    vendor.script({ afterMs: 3_000, texts: [], end: away });
    const runs = await Promise.all([0, 1, 2].map(() => world.stream({ overrides: { retry: { maxAttempts: 1 } } })));
    const begun = runs[0]?.beganAt ?? NaN;
    const step = limits.minIntervalMs ?? MINUTE_MS;
    checks.equal(
      'as it is given up',
      runs.map((run) => startOf(run) - begun),
      [0, 3_000, 3_000 + step],
    );
    checks.equal('an end that is not known', waitsOf(runs[1] as Run)[0]?.untilMs, undefined);
    await world.close();
  }
}

/** A pause by the server holds all callers of its key; each is told when it ends, and again when that moves. */
async function pauses(scene: Scene): Promise<void> {
  const world = await ScriptedWorld.open(scene, {});
  const { checks, vendor, process } = world;
  const refused = (afterMs: number): object => ({
    texts: [],
    end: new RateLimitError('Too many requests for now.', { retryAt: process.clock.now() + afterMs }),
  });
  vendor.script(refused(20_100), { ...refused(40_100), afterMs: 5_000 });
  const first = [world.stream(), world.stream()];
  await scene.world.sleep(1_000);
  const rest = [world.stream(), world.stream(), world.stream()];
  const runs = await Promise.all([...first, ...rest]);
  const begun = runs[0]?.beganAt ?? NaN;
  const start = process.clock.now() - world.now;
  for (const [index, run] of runs.entries()) {
    const waits = waitsOf(run);
    const ends = waits.map(({ untilMs = NaN }) => Math.round(untilMs - start - begun));
    checks.equal(`why, ${index}`, new Set(waits.map((wait) => wait.for)).size, 1);
    checks.equal(`until when, ${index}`, ends, index === 1 ? [40_100] : [20_100, 40_100]);
    checks.within('not before', startsOf(run).at(-1), [begun + 40_099, begun + 40_101]);
  }
  const last = await world.stream();
  checks.equal('over', waitsOf(last), []);
  // One that cannot wait that long fails at once, and says until when.
  vendor.script(refused(20_100));
  const returned = world.stream();
  await scene.world.sleep(200);
  const until = process.clock.now() + 19_900;
  for (const input of [{ deadlineMs: 5_000 }, { overrides: { retry: { maxRetryAfterMs: 5_000 } } }]) {
    const hasty = await world.stream(input);
    checks.equal('hasty', [hasty.error?.code, hasty.requests.length, hasty.endedAt - hasty.beganAt], ['quota', 0, 0]);
    checks.within('its time', hasty.error?.retryAt, [until - 1, until + 1]);
  }
  checks.equal('the other waits', (await returned).stat.outcome, 'success');
  await world.close();
}

const lease = (isValid: () => boolean, released: () => void = () => undefined): LimitLease => ({
  isValid,
  sent: () => undefined,
  release: released,
  settle: () => undefined,
});

async function withStore(scene: Scene, store: LimitStore): Promise<ScriptedWorld> {
  return ScriptedWorld.open(scene, {
    register: (container) => void container.register<LimitStore>(tokens.LIMIT_STORE, { useValue: store }),
    config: { retry: { maxRetryAfterMs: 5_000 } },
  });
}

/** A store elsewhere is asked again after the time that it names, or after a second; one that signals is not polled. */
async function stores(scene: Scene): Promise<void> {
  const answers: LimitRefusal[] = [{ reason: 'rate-limit', retryInMs: 4_000 }, { reason: 'rate-limit' }];
  const asked: number[] = [];
  const silent = await withStore(scene, {
    take: () => {
      asked.push(silent.now);
      return Promise.resolve(answers.shift() ?? lease(() => true));
    },
    pause: () => undefined,
  });
  const { checks } = silent;
  const run = await silent.stream();
  checks.equal('asked', asked.length, 3);
  checks.within('after its time', (asked[1] ?? NaN) - (asked[0] ?? NaN), [4_000, 4_400]);
  checks.within('after a second', (asked[2] ?? NaN) - (asked[1] ?? NaN), [1_000, 1_100]);
  checks.equal('why', reasonsOf(run), ['rate-limit']);
  answers.push(
    ...Array.from({ length: 20 }, (): LimitRefusal => ({ reason: 'store', retryInMs: 1_000, detail: 'lost' })),
  );
  const never = await silent.stream();
  checks.equal('undecided', [never.error?.code, never.requests.length], ['unavailable', 0]);
  checks.within('for as long as it may', never.endedAt - never.beganAt, [5_000, 6_200]);
  checks.holds('says why', never.error?.message.includes('lost') === true, never.error?.message);
  checks.equal('its reason', reasonsOf(never), ['store']);
  answers.length = 0;
  checks.equal('decided again', (await silent.stream()).stat.outcome, 'success');
  answers.push(
    { reason: 'store', retryInMs: 1_000 },
    { reason: 'rate-limit', retryInMs: 1_000 },
    { reason: 'store', retryInMs: 1_000 },
  );
  const short = await silent.stream();
  checks.equal(
    'undecided twice',
    [short.stat.outcome, reasonsOf(short)],
    ['success', ['store', 'rate-limit', 'store']],
  );
  await silent.close();
}

/** A lease that is not valid when it is given is given back, and another one is asked for. */
async function invalid(scene: Scene): Promise<void> {
  let [wrong, released, asked] = [3, 0, 0];
  const world = await withStore(scene, {
    take: () => {
      asked += 1;
      const isValid = wrong <= 0;
      wrong -= 1;
      return lease(
        () => isValid,
        () => (released += 1),
      );
    },
    pause: () => undefined,
  });
  const { checks } = world;
  const run = await world.stream();
  checks.equal('after three', [run.stat.outcome, asked, run.stat.queueMs, waitsOf(run)], ['success', 4, 0, []]);
  checks.equal('all given back', released, 3);
  [wrong, asked] = [Infinity, 0];
  const never = await world.stream({ overrides: { timeouts: { queueMs: 5_000 } } });
  checks.equal('never valid', [never.error?.code, never.requests.length, reasonsOf(never)], ['timeout', 0, ['store']]);
  checks.equal('for as long as it may', never.endedAt - never.beganAt, 5_000);
  checks.holds('not without a pause', asked < 100, asked);
  await world.close();
}

/** An interceptor may answer without any request: nothing is counted. */
async function withoutAttempt(scene: Scene): Promise<void> {
  const answers: InterceptorDefinition = {
    name: 'answers',
    phase: 'admit',
    after: 'admission',
    intercept: ({ provider, model }) =>
      of(
        { type: 'text-delta' as const, delta: 'By itself.' },
        {
          type: 'generation-end' as const,
          finishReason: { unified: 'stop' as const, raw: null },
          usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' as const },
          servedFrom: 'provider' as const,
          provider,
          model,
        },
      ),
  };
  const vendors = [new ScriptedVendor('bard', { limits: { requestsPerMinute: 1 } })];
  const world = await ScriptedWorld.open(scene, { interceptors: [answers], vendors });
  for (let index = 0; index < 3; index += 1) {
    const run = await world.stream();
    world.checks.equal(
      'by itself',
      [run.text, run.attempts.length, run.requests.length, waitsOf(run)],
      ['By itself.', 0, 0, []],
    );
  }
  await world.close();
}

/** The cap is reserved, whatever the usual length, and the prompt by its bytes until the vendor has counted one. */
async function reservedTokens(scene: Scene): Promise<void> {
  const vendors = [new ScriptedVendor('bard', { limits: { tokensPerMinute: 400 } })];
  const world = await ScriptedWorld.open(scene, { vendors, config: { defaults: { maxTokens: 100 } } });
  const together = async (): Promise<number> => {
    const runs = await Promise.all(pages(8).map((input) => world.stream(input)));
    return runs.filter((run) => waitsOf(run).length === 0).length;
  };
  world.checks.equal('by the bytes of the prompt', await together(), 2);
  for (let index = 0; index < 50; index += 1) await world.stream();
  await scene.world.sleep(MINUTE_MS);
  world.checks.equal('by its bound', await together(), 3);
  await world.close();
}
