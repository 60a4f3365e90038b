import type { GenerationInput } from 'scriptorium';
import type { Fault, LoggedRequest } from 'scriptorium/testing';
import type { SimulatedVendor } from '../../../src/testing/simulation/vendor.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import type { World } from '../../../src/testing/simulation/world.js';
import { chance, modelOf, promptOf, readingOf } from './choices.js';
import type { Reading } from '../generate.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const breakers: Scenario = {
  name: 'breakers',
  about: 'Vendors that come and go: no caller waits forever, and no text is wrong.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, {}, { name: 'second.test', faults: { rate: 0.4 } });
    const process = await stage.process('writer', {
      config: {
        breaker: { minimumCalls: 4, failureRate: 0.5, connectionFailures: 3, openMs: 4_000 },
        concurrency: { max: 5 },
        retry: { budget: { capacity: 60, refillPerSecond: 1 } },
      },
    });
    const progress = { isOver: false };
    const flap = async ({ host }: SimulatedVendor): Promise<void> => {
      while (!progress.isOver) {
        await world.sleep(wholeNumber(random, 1_000, 30_000));
        host.crash(chance(random, 0.8) ? 'loudly' : 'silently');
        await world.sleep(wholeNumber(random, 1_000, 20_000));
        host.start();
      }
    };
    const flapping = Promise.all(stage.vendors.map(flap));
    await stage.crowd(scaled(scene, 100), 30, async () => {
      await world.sleep(wholeNumber(random, 0, 5_000));
      const routes = [{ provider: 'vendor-2', model: 'scriptorium/exact' }];
      await stage.generate(
        process,
        {
          model: modelOf(random),
          prompt: promptOf(random),
          ...(chance(random, 0.7) && { overrides: { routes } }),
        },
        readingOf(random),
      );
    });
    progress.isOver = true;
    await flapping;
    await stage.close();
  },
};

/** The longest way of one piece of the network. */
const LATENCY_MS = 50;
/** After a failed probe the breaker is open for at least this time, and at most, with the jitter. */
const [LEAST_OPEN_MS, MOST_OPEN_MS] = [8_000, 11_000];
const FAILURES: readonly [Fault, ...Fault[]] = [
  { status: 500 },
  { status: 529 },
  { reset: 'before-headers' },
  { truncate: 'after-headers' },
  { stall: 'after-headers' },
];

export const probes: Scenario = {
  name: 'probes',
  about: 'An open breaker lets one probe through at a time, as the vendor counts them, and the next one in its time.',
  run: async (scene) => {
    const { world, random } = scene;
    let fail: () => Fault | undefined = () => undefined;
    const stage = new Stage(scene, { fault: () => fail() });
    const process = await stage.process('writer', {
      config: {
        breaker: { minimumCalls: 4, failureRate: 0.5, openMs: 4_000, longestOpenMs: 10_000 },
        retry: { budget: { capacity: 5_000 } },
      },
    });
    const write = (input: Partial<GenerationInput> = {}, reading?: Reading): Promise<unknown> =>
      stage.generate(process, { model: 'scriptorium/exact', prompt: promptOf(random), ...input }, reading);
    for (let round = 0; round < scaled(scene, 2); round += 1) {
      // The calls of the round before leave the window of the breaker.
      await world.sleep(31_000);
      fail = () => ({ status: 500 });
      for (let call = 0; call < 4; call += 1) await write({ overrides: { retry: { maxAttempts: 1 } } });
      fail = () => oneOf(random, FAILURES);
      const before = stage.vendor.requests.length;
      world.at(wholeNumber(random, 20_000, 120_000), () => (fail = () => undefined));
      await stage.crowd(15, 15, async () => {
        await world.sleep(wholeNumber(random, 0, 10_000));
        await write({}, chance(random, 0.2) ? { leaveAfterMs: wholeNumber(random, 0, 30_000) } : {});
      });
      checkProbes(world, stage.vendor.requests.slice(before));
    }
    await stage.close();
  },
};

/** Checks the requests that the vendor received from the opening of a breaker until the first that it did not fail. */
function checkProbes(world: World, requests: readonly LoggedRequest[]): void {
  const served = requests.findIndex(({ fault }) => fault === undefined);
  const tried = requests.slice(0, served + 1);
  world.check(tried.length > 1, () => `The vendor received ${tried.length} probes; expected several.`);
  for (const [index, { arrivedAt }] of tried.slice(1).entries()) {
    const { closedAt = Infinity, outcome, fault } = tried[index]!;
    const gapMs = arrivedAt - closedAt;
    // The lease of a probe that hangs begins before its timeout, by the way to the vendor and back.
    const mostOverlap = fault?.stall === undefined ? LATENCY_MS : 6 * LATENCY_MS;
    world.check(gapMs > -mostOverlap, () => `A probe arrived ${-gapMs} ms before the end of the one before.`);
    world.check(gapMs < MOST_OPEN_MS + 4 * LATENCY_MS, () => `No probe came for ${gapMs} ms.`);
    // After a probe whose reader has left, the next one comes at once.
    const isTooEarly = outcome === 'faulted' && gapMs < LEAST_OPEN_MS;
    world.check(!isTooEarly, () => `A probe came ${gapMs} ms after the failure of the one before.`);
  }
}
