import type { StateStore } from 'scriptorium';
import { tokens } from 'scriptorium';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, promptOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const FREE = 'scriptorium/exact:free';
const WRITERS = 4;
/** Requests of a day on the free tier. */
const PER_DAY = 50;
/** Rows of docs/faults.md that reach the vendor, and spend no day. */
const PASSING_ROWS = [20, 22, 42, 45, 46, 47, 76, 77];
const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

export const dayChange: Scenario = {
  name: 'day-change',
  about: 'A spent day ends at midnight UTC, by clocks that differ by seconds.',
  run: async (scene) => {
    const { world, random } = scene;
    // Two hours before midnight.
    await world.sleep(22 * HOUR_MS);
    const skewMs = wholeNumber(random, -3_000, 3_000);
    const perDay = scaled(scene, PER_DAY);
    const stage = new Stage(scene, {
      limits: { requestsPerMinute: 20, requestsPerDay: perDay },
      freeModelDailyRequests: { limit: perDay },
      skewMs,
    });
    const process = await stage.process('writer', {
      config: { rateLimit: { requestsPerDay: chance(random, 0.5) ? 'account' : perDay } },
    });
    // More than one day allows.
    await stage.crowd(perDay + 10, WRITERS, async (index) => {
      await world.sleep(wholeNumber(random, 0, 4 * 60_000));
      const patience = { overrides: { retry: { maxRetryAfterMs: index % 3 === 0 ? 4 * HOUR_MS : 60_000 } } };
      await stage.generate(process, { model: FREE, prompt: promptOf(random), ...patience });
    });
    const { refused } = stage.vendor.books;
    const { mostInADay } = stage.vendor.books;
    world.check(mostInADay === perDay, () => `Of a day's ${perDay} requests, ${mostInADay} were used.`);
    // A client whose clock is ahead begins the day too early, once for each of its writers.
    const most = skewMs < 0 ? WRITERS : 0;
    world.check(refused['per-day'] <= most, () => `The vendor refused ${refused['per-day']} requests for the day.`);
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests of a minute.`);
    await stage.close();
  },
};

export const month: Scenario = {
  name: 'month',
  oneSeedIn: 20,
  about:
    'Days of an account of the free tier, with a restart after every second day: all of each day is used, and no more.',
  run: async (scene) => {
    const { world, random, days } = scene;
    const perDay = scaled(scene, PER_DAY);
    const limits = { requestsPerMinute: 20, requestsPerDay: perDay };
    const stage = new Stage(scene, { limits, faults: { rate: 0.1, rows: PASSING_ROWS } });
    const state: StateStore = memoryStateStore();
    const process = await stage.process('free-tier', {
      config: { rateLimit: { requestsPerDay: perDay }, retry: { maxRetryAfterMs: 2 * DAY_MS } },
      register: (container) => void container.register<StateStore>(tokens.STATE_STORE, { useValue: state }),
    });
    let mostWanted = 0;
    for (let day = 1; day <= days; day += 1) {
      const wanted = Math.max(1, chance(random, 0.3) ? perDay + 5 : perDay - 5);
      await stage.crowd(wanted, 8, () => stage.generate(process, { model: FREE, prompt: promptOf(random) }));
      const left = day * DAY_MS - world.elapsedMs;
      if (left > 0) await world.sleep(left);
      mostWanted = Math.max(mostWanted, wanted);
      if (chance(random, 0.5)) await process.restart();
    }
    const { mostInADay, refused } = stage.vendor.books;
    world.check(
      mostWanted < perDay || mostInADay === perDay,
      () => `Of a day's ${perDay} requests, ${mostInADay} were used.`,
    );
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests of a minute.`);
    world.check(refused['per-day'] === 0, () => `The vendor refused ${refused['per-day']} requests for the day.`);
    await stage.close();
  },
};
