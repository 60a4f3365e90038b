import crypto from 'node:crypto';
import timers from 'node:timers';
import timersOfPromises from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { openrouter } from '../../plugins/openrouter/index.js';
import { simulate } from '../../src/testing/simulation/simulate.js';
import type { World } from '../../src/testing/simulation/world.js';
import { aChatStream } from '../../src/testing/fake-transport.js';

const WORDS = Array.from({ length: 50 }, (_, index) => `word${index} `);

async function oneGeneration(world: World): Promise<string> {
  const host = world.host('vendor.test', async (_request, exchange) => {
    exchange.open(200, { 'content-type': 'text/event-stream' });
    for (const piece of aChatStream(...WORDS).body) {
      await exchange.pause(100);
      await exchange.write(piece);
    }
    await exchange.end();
  });
  const writer = await world.process('writer', {
    plugins: [openrouter({ apiKey: 'simulated', baseUrl: `${host.url}/api/v1` })],
    config: { defaults: { model: 'a/model' } },
  });
  const { text } = await writer.pipeline.generate({ prompt: 'Begin.' });
  await writer.stop();
  return text;
}

describe('a world', () => {
  it('runs a generation in virtual time', async () => {
    const { value, elapsedMs } = await simulate({ seed: 1 }, oneGeneration);
    expect(value).toBe(WORDS.join(''));
    expect(elapsedMs).toBeGreaterThan(5_000);
  });

  it('moves its time with every timer, however short', async () => {
    const { value } = await simulate({ seed: 1 }, async (world) => {
      await world.sleep(300_000);
      const before = world.elapsedMs;
      await world.sleep(1e-12);
      return world.elapsedMs - before;
    });
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(0.001);
  });

  it('is the same for the same seed, and another for another', async () => {
    const [one, again, other] = [
      await simulate({ seed: 1 }, oneGeneration),
      await simulate({ seed: 1 }, oneGeneration),
      await simulate({ seed: 2 }, oneGeneration),
    ];
    expect(again.digest).toBe(one.digest);
    expect(other.digest).not.toBe(one.digest);
  });
});

describe('the digest of a world', () => {
  it('covers the bytes, not only their number', async () => {
    const digestOf = async (text: string): Promise<string> => {
      const { digest } = await simulate({ seed: 1 }, async (world) => {
        const host = world.host('vendor.test', (_request, exchange) => {
          exchange.open(200, { 'content-type': 'text/event-stream' });
          return exchange.end(aChatStream(text).body.join(''));
        });
        const writer = await world.process('writer', {
          plugins: [openrouter({ apiKey: 'simulated', baseUrl: `${host.url}/api/v1` })],
        });
        await writer.pipeline.generate({ model: 'a/model', prompt: 'Begin.' });
      });
      return digest;
    };
    expect(await digestOf('one')).toBe(await digestOf('one'));
    expect(await digestOf('two')).not.toBe(await digestOf('one'));
  });
});

describe('the guard of a world', () => {
  it('names who uses the time of the machine, even if the error is swallowed', async () => {
    const scenario = async (): Promise<void> => {
      await Promise.resolve();
      try {
        Date.now();
      } catch {
        // Swallowed on purpose.
      }
    };
    await expect(simulate({ seed: 1 }, scenario)).rejects.toThrow(
      /Date\.now\(\) was called within a simulation, by .*world\.test\.ts.*Use the pipeline's clock\./,
    );
  });

  it.each<readonly [shown: string, use: () => unknown]>([
    ['setTimeout', () => setTimeout(() => undefined, 0)],
    ['timers.setImmediate', () => timers.setImmediate(() => undefined)],
    ['timers/promises.setTimeout', () => timersOfPromises.setTimeout(0)],
    ['scheduler.wait', () => timersOfPromises.scheduler.wait(0)],
    ['AbortSignal.timeout', () => AbortSignal.timeout(1)],
    ['new Date', () => new Date()],
    ['Date', () => Date()],
    ['performance.now', () => performance.now()],
    ['process.hrtime', () => process.hrtime()],
    ['process.hrtime.bigint', () => process.hrtime.bigint()],
    ['process.uptime', () => process.uptime()],
    ['Math.random', () => Math.random()],
    ['crypto.randomUUID', () => globalThis.crypto.randomUUID()],
    ['crypto.getRandomValues', () => globalThis.crypto.getRandomValues(new Uint8Array(1))],
    ['crypto.randomUUID', () => crypto.randomUUID()],
    ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
    ['crypto.randomBytes', () => crypto.randomBytes(1)],
    ['crypto.randomInt', () => crypto.randomInt(2)],
    ['crypto.randomFill', () => crypto.randomFill(new Uint8Array(1), () => undefined)],
    ['crypto.generateKeySync', () => crypto.generateKeySync('hmac', { length: 64 })],
    ['crypto.randomFillSync', () => crypto.randomFillSync(new Uint8Array(1))],
  ])('refuses %s(), and gives it back afterwards', async (shown, use) => {
    const found = await simulate({ seed: 1 }, () => Promise.resolve(use())).catch((error: unknown) => error);
    expect(String(found)).toContain(`${shown}() was called within a simulation, by `);
    expect(String(found)).toMatch(/world\.test\.ts.*Use the pipeline's (clock|random numbers)/);
    expect(use).not.toThrow();
  });

  it('lets dates of a given time be made', async () => {
    const { value } = await simulate({ seed: 1 }, () => Promise.resolve(new Date(0)));
    expect({ text: value.toISOString(), isDate: value instanceof Date }).toEqual({
      text: '1970-01-01T00:00:00.000Z',
      isDate: true,
    });
  });

  it("lets Node's own timers go on, such as those of an idle connection", async () => {
    const ofNode: unknown = runInThisContext('(clock) => clock.now()', {
      filename: 'node:internal/an-idle-connection',
    });
    const { value } = await simulate({ seed: 1 }, () =>
      Promise.resolve((ofNode as (clock: { now(): number }) => number)(performance)),
    );
    expect(value).toBeGreaterThan(0);
  });
});
