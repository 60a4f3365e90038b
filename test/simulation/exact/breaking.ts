import { SIMULATED_FAULTS } from '../../../src/testing/simulation/faults.js';
import type { SimulatedFault } from '../../../src/testing/simulation/faults-row.js';
import type { Scenario, Scene } from '../scene.js';
import { ExactWorld, SERVER_ERROR, refusal } from './exact-world.js';
import type { Ending } from './exact-world.js';

/** A caller that waits for nothing is served within this time. */
const AT_ONCE = [0, 700] as const;

export const openings: Scenario = {
  name: 'openings',
  about: 'A breaker opens at its rate, for as long as it says, and its probes decide.',
  run: async (scene) => {
    const world = await ExactWorld.open(scene, {
      retry: { maxAttempts: 1 },
      breaker: { minimumCalls: 4, failureRate: 0.5, connectionFailures: 3, openMs: 4_000, longestOpenMs: 10_000 },
    });
    const waits = async (what: string, fails: boolean, wait: readonly [number, number]): Promise<void> => {
      const ending = await world.generate({}, [fails ? SERVER_ERROR : undefined]);
      world.within(what, waitOf(ending), wait);
      world.equal(what, ending.stat.outcome, fails ? 'error' : 'success');
    };
    for (const fails of [false, false, true]) await waits('below the minimum', fails, AT_ONCE);
    await waits('the fourth of four', true, AT_ONCE);
    await waits('open', true, [3_000, 4_400 + 700]);
    await waits('open for twice as long', true, [7_000, 8_800 + 700]);
    await waits('open for the longest', true, [9_000, 11_000 + 700]);
    await waits('still for the longest', false, [9_000, 11_000 + 700]);
    for (const fails of [false, false, true, false, false, true, false])
      await waits('closed, below the rate', fails, AT_ONCE);
    await scene.world.sleep(31_000);
    // The window is over: the calls before count no longer.
    for (const fails of [true, true, false, false]) await waits('a new window', fails, AT_ONCE);
    await waits('open anew', false, [3_000, 4_400 + 700]);
    await world.close();
  },
};

/** Each kind of failure, with what it says about the server. */
export const verdicts: Scenario = {
  name: 'verdicts',
  about: 'Failures of the server and of its connections open the breaker; those of the request do not.',
  run: async (scene) => {
    const failures = ['a 502 with a page', 'a 529', 'a 200 with a page', 'an empty stream'].map(titled);
    for (const fault of [...failures, cutAfter(0)]) await opensAfter(scene, fault, { calls: 4, waits: true });
    for (const fault of [refusal(400), refusal(404)]) await opensAfter(scene, fault, { calls: 8, waits: false });
    // A refused connection is tried once more at once; an unknown name is not.
    await opensAfter(scene, unreachable('ENOTFOUND'), { calls: 2, waits: false });
    await opensAfter(scene, unreachable('ENOTFOUND'), { calls: 3, waits: true });
    await opensAfter(scene, unreachable('ECONNREFUSED'), { calls: 1, triesEach: 2, waits: false });
    await opensAfter(scene, unreachable('ECONNREFUSED'), { calls: 2, triesEach: 2, waits: true });
    await elsewhere(scene);
  },
};

/** Each call fails; the last tries may be probes already, each of which doubles the wait. */
async function opensAfter(
  scene: Scene,
  fault: SimulatedFault,
  { calls, triesEach = 1, waits }: { readonly calls: number; readonly triesEach?: number; readonly waits: boolean },
): Promise<void> {
  const vendor = { name: `vendor-${scene.world.processes.length}.test`, words: 8 };
  const breaker = { minimumCalls: 4, failureRate: 0.5, connectionFailures: 3, openMs: 4_000 };
  const world = await ExactWorld.open(scene, { retry: { maxAttempts: 1 }, breaker }, vendor);
  for (let call = 0; call < calls; call += 1) {
    const { stat } = await world.generate(
      {},
      Array.from({ length: triesEach }, () => fault),
    );
    world.equal(`${fault.title} fails`, stat.outcome, 'error');
  }
  const next = await world.generate();
  world.within(`after ${calls} of ${fault.title}`, waitOf(next), waits ? [2_000, 9_500] : AT_ONCE);
  world.equal('it succeeds', next.stat.outcome, 'success');
  await world.close();
}

async function elsewhere(scene: Scene): Promise<void> {
  const breaker = { minimumCalls: 4, openMs: 60_000 };
  const world = await ExactWorld.open(scene, { retry: { maxAttempts: 1 }, breaker }, { name: 'two-models.test' });
  for (let call = 0; call < 4; call += 1) await world.generate({}, [SERVER_ERROR]);
  const other = { provider: 'openrouter', model: 'scriptorium/moby-dick' };
  const ending = await world.generate({ overrides: { routes: [other] } });
  world.equal('the other route serves it', ending.stat.outcome, 'success');
  world.within('at once', waitOf(ending), AT_ONCE);
  await world.close();
}

function titled(title: string): SimulatedFault {
  const fault = SIMULATED_FAULTS.find((one) => one.title === title);
  if (fault === undefined) throw new Error(`No fault has the title "${title}".`);
  return fault;
}

function unreachable(code: string): SimulatedFault {
  return { row: 2, title: code, wire: () => ({ at: 'connect', code }) };
}

function cutAfter(afterDeltas: number): SimulatedFault {
  return { row: 45, title: 'a cut', vendor: () => ({ reset: { afterDeltas } }) };
}

function waitOf({ arrivals: [first = NaN], beganAt }: Ending): number {
  return first - beganAt;
}
