import { describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import type { LimitStore } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { simulate } from 'scriptorium/testing';
import type { Serve, World } from 'scriptorium/testing';
import { wholeNumber } from '../../src/testing/simulation/seeded.js';
import { replies, streams } from '../support/simulated-scene.js';
import { remoteLimits, storesOn } from './remote-parts.js';

const KEYS = ['sk-pool-aaaa', 'sk-pool-bbbb', 'sk-pool-cccc', 'sk-pool-dddd'];
const MINUTE_MS = 60_000;
const GOOD = streams('Once upon a time.');

interface Outcome {
  /** The keys of the requests in the order of arrival, by their places. */
  readonly asked: readonly number[];
  readonly failures: readonly unknown[];
  readonly digest: string;
}

/**
 * A vendor that lets each key make so many requests in any minute, fails now and then, and may have shut a key out; forty
 * texts, all asked for within two minutes.
 */
async function pool(world: World, hasRemoteStore: boolean): Promise<Outcome> {
  const random = world.random('pool');
  const keys = KEYS.slice(0, wholeNumber(random, 2, 4));
  const perMinute = wholeNumber(random, 2, 6);
  const [isShutOut, faultRate] = [random() < 0.5, random() * 0.2];
  const arrivals = keys.map((): number[] => []);
  const asked: number[] = [];
  const answer = (place: number): Serve => {
    if (isShutOut && place === 0) return replies(401);
    const recent = arrivals[place]!.filter((at) => at > world.elapsedMs - MINUTE_MS);
    world.check(recent.length < perMinute, () => `Key ${place} was used more than ${perMinute} times in a minute.`);
    arrivals[place]!.push(world.elapsedMs);
    return random() < faultRate ? replies(500) : GOOD;
  };
  const host = world.host('pool.test', (request, exchange) => {
    const place = keys.findIndex((key) => request.headers.authorization === `Bearer ${key}`);
    asked.push(place);
    return answer(place)(request, exchange);
  });
  const database = world.host('database.test', () => undefined);
  const stores = storesOn(database);
  const process = await world.process('writer', (life) => ({
    plugins: [openrouter({ keys, baseUrl: `${host.url}/api/v1` })],
    config: {
      defaults: { model: 'a/model' },
      rateLimit: { requestsPerMinute: perMinute },
      retry: { maxAttempts: 20, baseMs: 100, capMs: 1_000 },
    },
    ...(hasRemoteStore && {
      register: (container) =>
        void container.register<LimitStore>(tokens.LIMIT_STORE, {
          useValue: remoteLimits(stores, world.remote(database, life)),
        }),
    }),
  }));
  const failures: unknown[] = [];
  const starts = Array.from({ length: 40 }, () => wholeNumber(random, 0, 2 * MINUTE_MS));
  await Promise.all(
    starts.map(async (afterMs) => {
      await world.sleep(afterMs);
      await process.pipeline.generate({ prompt: 'Begin.' }).catch((error: unknown) => failures.push(error));
    }),
  );
  await process.stop();
  world.check(process.timers === 0, () => `The process has left ${process.timers} timers.`);
  return { asked, failures, digest: world.digest };
}

describe('a pool of keys in random worlds', () => {
  it.each([
    ['in the process', false],
    ['elsewhere', true],
  ])('exceeds the limit of no key, writes every text, and uses all keys alike, with limits %s', async (_, isRemote) => {
    for (let seed = 1; seed <= 40; seed += 1) {
      let outcome: Outcome | undefined;
      await simulate({ seed, latencyMs: [1, 80] }, async (world) => {
        outcome = await pool(world, isRemote);
      });
      const { asked = [], failures = [] } = outcome ?? {};
      const uses = [...new Set(asked)].map((place) => asked.filter((each) => each === place).length);
      const shutOut = asked.filter((place) => place === 0).length <= 2;
      const others = shutOut ? uses.filter((count) => count > 2) : uses;
      expect({ seed, failures, isAlike: Math.max(...others) - Math.min(...others) <= 6 }).toEqual({
        seed,
        failures: [],
        isAlike: true,
      });
    }
  });

  it('chooses the same keys in the same world', async () => {
    const outcomes: Outcome[] = [];
    for (let run = 0; run < 2; run += 1)
      await simulate({ seed: 7, latencyMs: [1, 80] }, async (world) => {
        outcomes.push(await pool(world, true));
      });
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});
