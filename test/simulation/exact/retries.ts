import type { Scenario, Scene } from '../scene.js';
import { ExactWorld, SERVER_ERROR, gaps, refusal } from './exact-world.js';

/** Longest time between the end of a wait and the next arrival, and between an arrival and its refusal. */
const ROUND_TRIP_MS = 700;
const RETRY = { maxAttempts: 4, baseMs: 2_000, capMs: 6_000, jitter: 'none' } as const;

export const retries: Scenario = {
  name: 'retries',
  about: 'So many requests as there may be, after exactly the backoff of each failure.',
  run: async (scene) => {
    const world = await ExactWorld.open(scene, { retry: RETRY, breaker: { minimumCalls: 1_000 } });
    const always = await world.generate(
      {},
      Array.from({ length: 4 }, () => SERVER_ERROR),
    );
    world.equal('failed attempts', [always.arrivals.length, always.stat.errorCode], [4, 'retry-exhausted']);
    for (const [index, waitMs] of [2_000, 4_000, 6_000].entries())
      world.within(`backoff ${index + 1}`, gaps(always.arrivals)[index], [waitMs, waitMs + ROUND_TRIP_MS]);
    world.within('all backoff', always.stat.backoffMs, [12_000, 12_000]);
    const third = await world.generate({}, [SERVER_ERROR, SERVER_ERROR, SERVER_ERROR]);
    world.equal('the fourth succeeds', [third.arrivals.length, third.stat.outcome], [4, 'success']);
    const final = await world.generate({}, [refusal(400)]);
    world.equal('a final failure', [final.arrivals.length, final.stat.errorCode], [1, 'bad-request']);
    const single = await world.generate({ overrides: { retry: { maxAttempts: 1 } } }, [SERVER_ERROR]);
    world.equal('a single attempt', [single.arrivals.length, single.stat.errorCode], [1, 'server-error']);
    for (const jitter of ['full', 'equal'] as const) {
      const { arrivals } = await world.generate({ overrides: { retry: { jitter } } }, [SERVER_ERROR, SERVER_ERROR]);
      for (const [index, most] of [2_000, 4_000].entries())
        world.within(`${jitter} jitter`, gaps(arrivals)[index], [
          jitter === 'full' ? 0 : most / 2,
          most + ROUND_TRIP_MS,
        ]);
    }
    await hints(world);
    await world.close();
    await connections(scene);
  },
};

async function hints(world: ExactWorld): Promise<void> {
  const hinted = await world.generate({}, [refusal(503, { 'retry-after': '20' })]);
  world.within('a hint', gaps(hinted.arrivals)[0], [20_000 - ROUND_TRIP_MS, 22_000 + ROUND_TRIP_MS]);
  const far = await world.generate({}, [refusal(503, { 'retry-after': '200' })]);
  world.equal('a hint that is too far', [far.arrivals.length, far.stat.outcome], [1, 'error']);
  const late = await world.generate({ deadlineMs: 2_000 }, [SERVER_ERROR]);
  world.equal('a backoff past the deadline', [late.arrivals.length, late.stat.errorCode], [1, 'server-error']);
  world.within('it fails at once', late.endedAt - late.beganAt, [0, ROUND_TRIP_MS]);
}

async function connections(scene: Scene): Promise<void> {
  const world = await ExactWorld.open(scene, { retry: RETRY }, { name: 'away.test' });
  world.vendor.host.crash();
  const { arrivals, stat } = await world.generate();
  world.equal('nothing arrives', [arrivals.length, stat.attempts, stat.outcome], [0, 5, 'error']);
  world.within('the first retry is free', stat.backoffMs, [12_000, 12_000]);
  world.equal('what was never sent is free', stat.cost, { known: 0, estimated: 0, unmeasuredAttempts: 0 });
  await world.close();
}
