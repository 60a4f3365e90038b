import { RateLimitError, tokens } from 'scriptorium';
import type { ConfigInput, Limits, StateStore } from 'scriptorium';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { Scenario, Scene } from '../scene.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

const MINUTE_MS = 60_000;
/** Other processes know what was sent by the second, and look again every five. */
const SHARED_MS = [MINUTE_MS, MINUTE_MS + 7_000] as const;

export const sharing: Scenario = {
  name: 'sharing',
  about: 'Pipelines and processes with one account have one limit: the strictest, whoever has used it.',
  run: async (scene) => {
    await requests(scene);
    await counted(scene);
    await paused(scene);
    await pipelines(scene);
    await unlimitedBefore(scene);
  },
};

/** The limits of an account, which are not those of a provider's id. */
const account = (limits: Limits): ScriptedVendor =>
  new ScriptedVendor('bard', { keysOf: () => [{ key: 'account', limits }] });

/** Processes with one state store. */
async function processes(
  scene: Scene,
  count: number,
  { limits, config = {} }: { readonly limits: Limits; readonly config?: ConfigInput },
): Promise<readonly ScriptedWorld[]> {
  const store = memoryStateStore();
  const worlds: ScriptedWorld[] = [];
  for (let index = 0; index < count; index += 1)
    worlds.push(
      await ScriptedWorld.open(scene, {
        name: `process-${index}`,
        vendors: [account(limits)],
        config,
        register: (container) => void container.register<StateStore>(tokens.STATE_STORE, { useValue: store }),
      }),
    );
  return worlds;
}

const close = (worlds: readonly ScriptedWorld[]): Promise<unknown> => Promise.all(worlds.map((world) => world.close()));
const waitOf = (run: Run): number => (startsOf(run)[0] ?? NaN) - run.beganAt;

/** What one has sent the others cannot send; each minute is used to the full. */
async function requests(scene: Scene): Promise<void> {
  const worlds = await processes(scene, 3, { limits: { requestsPerMinute: 2 } });
  const [one, two, three] = worlds as [ScriptedWorld, ScriptedWorld, ScriptedWorld];
  one.checks.equal('the first of one', waitOf(await one.stream()), 0);
  await scene.world.sleep(20_000);
  two.checks.equal('the first of another', waitOf(await two.stream()), 0);
  const began = scene.world.elapsedMs;
  const third = await three.stream();
  three.checks.within('the third, a minute after the first', waitOf(third), [
    SHARED_MS[0] - 21_000,
    SHARED_MS[1] - 20_000,
  ]);
  three.checks.equal('why', [...new Set(waitsOf(third).map((wait) => wait.for))], ['rate-limit']);
  const fourth = await one.stream();
  one.checks.within('the fourth, a minute after the second', scene.world.elapsedMs - began, [
    SHARED_MS[0] - 1_000,
    SHARED_MS[1],
  ]);
  one.checks.equal(
    'no failure',
    [third, fourth].map(({ error }) => error?.code),
    [undefined, undefined],
  );
  await close(worlds);
}

/** Others count what was billed, and what may yet be billed. */
async function counted(scene: Scene): Promise<void> {
  const worlds = await processes(scene, 2, {
    limits: { tokensPerMinute: 200 },
    config: { defaults: { maxTokens: 100 } },
  });
  const [one, two] = worlds as [ScriptedWorld, ScriptedWorld];
  one.checks.equal('the first', waitOf(await one.stream()), 0);
  await scene.world.sleep(2_000);
  two.checks.equal('there is room beside what was billed', waitOf(await two.stream()), 0);
  one.vendor.script({ usage: { inputTokens: 90, outputTokens: 60, costUsd: 0, source: 'reported' } });
  await scene.world.sleep(6_000);
  one.checks.within('a large one', waitOf(await one.stream()), [0, 6_000]);
  await scene.world.sleep(2_000);
  two.checks.within('and none beside a large bill', waitOf(await two.stream()), [40_000, SHARED_MS[1]]);
  await close(worlds);
}

/** A pause that a vendor has asked for holds in all processes. */
async function paused(scene: Scene): Promise<void> {
  const worlds = await processes(scene, 2, { limits: { requestsPerDay: 1_000 } });
  const [one, two] = worlds as [ScriptedWorld, ScriptedWorld];
  const retryAt = one.process.clock.now() + 30_000;
  one.vendor.script({ end: new RateLimitError('Slow down.', { retryAt, retryable: true, status: 429 }), texts: [] });
  const first = one.stream();
  await scene.world.sleep(1_000);
  two.checks.within('the other waits, too', waitOf(await two.stream()), [28_000, 36_000]);
  one.checks.equal('and the first is served', (await first).stat.outcome, 'success');
  await close(worlds);
}

/** The strictest limit holds for all pipelines of a process, as long as its pipeline is there. */
async function pipelines(scene: Scene): Promise<void> {
  const own = (requestsPerMinute: number) => ({ rateLimit: { requestsPerMinute, minIntervalMs: 0 } });
  const world = await ScriptedWorld.open(scene, { vendors: [account({})], config: own(5) });
  const strict = await world.process.open({ plugins: [world.vendor.plugin()], config: own(2) });
  const input = { model: 'a-model', prompt: 'Begin.' };
  await strict.generate(input);
  world.checks.equal('within both limits', waitOf(await world.stream()), 0);
  const waiting = world.stream();
  await scene.world.sleep(10_000);
  await strict.dispose();
  world.checks.within('until the strict one is gone', waitOf(await waiting), [10_000, 10_001]);
  await Promise.all([world.stream(), world.stream()]);
  world.checks.within('and then to the full', waitOf(await world.stream()), [45_000, MINUTE_MS + 1_000]);
  await world.close();
}

/** What was sent before there was a limit was not counted: the first window counts as full. */
async function unlimitedBefore(scene: Scene): Promise<void> {
  const config = { rateLimit: { requestsPerMinute: 0, minIntervalMs: 0 } };
  const world = await ScriptedWorld.open(scene, { vendors: [account({})], config });
  await world.stream();
  const other = await world.process.open({
    plugins: [world.vendor.plugin()],
    config: { rateLimit: { requestsPerMinute: 3, minIntervalMs: 0 } },
  });
  await scene.world.sleep(20_000);
  const began = scene.world.elapsedMs;
  await other.generate({ model: 'a-model', prompt: 'Begin.' });
  world.checks.within('after a minute', scene.world.elapsedMs - began, [39_000, 42_000]);
  await other.dispose();
  world.checks.equal('and none without a limit', waitOf(await world.stream()), 0);
  await world.close();
}
