import type { Scenario } from '../scene.js';
import { ExactWorld, SERVER_ERROR } from './exact-world.js';
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
    await connections(world);
    await world.close();
  },
};

async function connections(world: ExactWorld): Promise<void> {
  const { host } = world.vendor;
  for (let call = 0; call < 8; call += 1) await world.generate();
  host.crash('loudly');
  // Each generation makes two: the free retry follows at once.
  await world.generate();
  await world.generate();
  host.start();
  const { beganAt, arrivals } = await world.generate();
  world.within('three failed connections open it', (arrivals[0] ?? NaN) - beganAt, [0, 9_000]);
}

function waitOf({ arrivals: [first = NaN], beganAt }: Ending): number {
  return first - beganAt;
}
