import { pages } from './pages.js';
import type { Scenario } from '../scene.js';
import { ExactWorld, FREE, gaps } from './exact-world.js';
import type { Ending } from './exact-world.js';

const HOUR_MS = 3_600_000;
const PER_MINUTE = 5;

export const fullWindows: Scenario = {
  name: 'full-windows',
  about: 'A limit is used to the full, in the order of arrival, and no caller waits longer than necessary.',
  run: async (scene) => {
    const world = await ExactWorld.open(scene, { rateLimit: { requestsPerMinute: PER_MINUTE } });
    const endings = await Promise.all(pages(17).map((input) => world.generate(input)));
    for (const [index, { arrivals, stat, beganAt }] of endings.entries()) {
      const window = Math.floor(index / PER_MINUTE);
      world.within(`request ${index}`, arrivals[0], [window * 60_000, window * 62_000 + 1_000]);
      world.within('its wait', stat.queueMs, [(arrivals[0] ?? 0) - beganAt - 700, (arrivals[0] ?? 0) - beganAt]);
    }
    checkOrder(world, endings);
    await world.close();
  },
};

export const intervals: Scenario = {
  name: 'intervals',
  about: 'The least interval between requests is kept, and no longer one.',
  run: async (scene) => {
    const world = await ExactWorld.open(scene, { rateLimit: { minIntervalMs: 3_000, requestsPerMinute: 0 } });
    const endings = await Promise.all(pages(6).map((input) => world.generate(input)));
    const arrivals = endings.flatMap((ending) => ending.arrivals);
    for (const gap of gaps(arrivals)) world.within('an interval', gap, [2_500, 3_500]);
    checkOrder(world, endings);
    await world.close();
  },
};

export const quotas: Scenario = {
  name: 'quotas',
  about: 'A day has exactly its requests. The next fails at once, or waits for midnight if it may.',
  run: async (scene) => {
    await scene.world.sleep(23 * HOUR_MS);
    const world = await ExactWorld.open(scene, { rateLimit: { requestsPerDay: 3 } });
    const unreachable = { row: 2, title: 'refused', wire: () => ({ at: 'connect', code: 'ECONNREFUSED' }) as const };
    const away = await world.generate({ model: FREE, overrides: { retry: { maxAttempts: 1 } } }, [
      unreachable,
      unreachable,
    ]);
    world.equal('not counted, since it was never sent', away.stat.outcome, 'error');
    for (const input of pages(3)) {
      const { stat } = await world.generate({ ...input, model: FREE });
      world.equal('within the quota', stat.outcome, 'success');
    }
    const refused = await world.generate({ model: FREE });
    world.equal('beyond it', [refused.stat.outcome, refused.arrivals.length], ['error', 0]);
    const patient = await world.generate({
      model: FREE,
      overrides: { retry: { maxRetryAfterMs: 2 * HOUR_MS } },
    });
    world.equal('with patience', patient.stat.outcome, 'success');
    world.within('at midnight', patient.arrivals[0], [24 * HOUR_MS, 24 * HOUR_MS + 10_000]);
    for (const input of pages(2)) await world.generate({ ...input, model: FREE });
    const next = await world.generate({ model: FREE });
    world.equal('the next day has as many', [next.stat.outcome, next.arrivals.length], ['error', 0]);
    await world.close();
  },
};

export const tokenWindows: Scenario = {
  name: 'token-windows',
  about: 'A window of tokens is used by what was billed, and by the cap of a request that is under way.',
  run: async (scene) => {
    const config = { rateLimit: { tokensPerMinute: 260 }, defaults: { maxTokens: 100 } };
    const world = await ExactWorld.open(scene, config, { words: 8 });
    let waited = 0;
    for (const input of pages(16)) {
      const { arrivals, beganAt } = await world.generate(input);
      const used = world.billedBetween(beganAt - 58_000, beganAt);
      const wanted = 100 + Math.ceil((input.prompt ?? '').length / 4);
      const isLate = (arrivals[0] ?? NaN) - beganAt > 1_000;
      if (isLate) waited += 1;
      world.equal('it waits only for room', isLate && used + wanted < 200, false);
      world.equal('a full window waits', !isLate && used + wanted > 260, false);
    }
    world.equal('the limit is met', waited > 0, true);
    await world.close();
  },
};

function checkOrder(world: ExactWorld, endings: readonly Ending[]): void {
  const arrivals = endings.map(({ arrivals: [first] }) => first ?? NaN);
  const sorted = gaps(arrivals).every((gap) => gap >= -700);
  world.equal('the first come is served first', sorted, true);
}
