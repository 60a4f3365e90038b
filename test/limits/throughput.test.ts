import { describe, expect, it } from '@jest/globals';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { simulate } from 'scriptorium/testing';
import type { World } from 'scriptorium/testing';
import { simulatedWriter, stopped } from '../support/simulated-writer.js';
import { simulatedTimes, windowServer } from '../support/window-server.js';
import type { WindowLimits, WindowServer } from '../support/window-server.js';

const CLIENTS = 50;
const PROMPT_TOKENS = 100;
const SIZES = [400, 1_000, 2_000];

/** A world in which 50 clients work at once; each makes one call after the other. Resolves once all have left. */
async function hammered(
  limits: WindowLimits,
  rateLimit: ConfigInput['rateLimit'],
  client: (pipeline: Pipeline, world: World) => Promise<void>,
): Promise<WindowServer> {
  const { value } = await simulate({ seed: 1 }, async (world) => {
    const server = windowServer(world, limits);
    const { process } = await simulatedWriter(world, [server.url], {
      config: { rateLimit, defaults: { wire: 'json' } },
    });
    await Promise.all(Array.from({ length: CLIENTS }, () => client(process.pipeline, world)));
    await stopped(world, process);
    return server;
  });
  return value;
}

const call = (pipeline: Pipeline, size: number) =>
  pipeline.generate({ prompt: 'x'.repeat(PROMPT_TOKENS * 4), maxTokens: size - PROMPT_TOKENS });

describe('a server that allows 60 requests and 10,000 tokens in any minute', () => {
  const LIMITS: WindowLimits = { windowMs: 60_000, requests: 60, tokens: 10_000, jitterMs: 20 };

  it.each([
    ['calls of 400, 1,000 and 2,000 tokens', SIZES, 100],
    ['calls of 110 tokens, which the count of requests limits', [110], 420],
  ])('refuses none of 50 clients, and lets through what could be let through: %s', async (_, kinds, count) => {
    const sizes = Array.from({ length: count }, (_size, index) => kinds[index % kinds.length]!);
    const waiting = [...sizes];
    const { booked, refused } = await hammered(
      LIMITS,
      { requestsPerMinute: 60, tokensPerMinute: 10_000 },
      async (pipeline) => {
        for (let size = waiting.shift(); size !== undefined; size = waiting.shift()) await call(pipeline, size);
      },
    );
    const took = booked.at(-1)!.at - booked[0]!.at;
    expect(refused).toEqual([]);
    expect(booked).toHaveLength(count);
    expect(booked.map(({ tokens }) => tokens).toSorted((a, b) => a - b)).toEqual(sizes.toSorted((a, b) => a - b));
    expect(simulatedTimes(sizes, LIMITS).at(-1)! / took).toBeGreaterThanOrEqual(0.97);
  });
});

describe('300 requests a minute', () => {
  it('none is refused in 130 s, and 97 % of 900 are used', async () => {
    const endMs = 130_000;
    const { booked, refused } = await hammered(
      { windowMs: 60_000, requests: 300, tokens: Infinity, jitterMs: 20 },
      { requestsPerMinute: 300 },
      async (pipeline, world) => {
        const leaving = new AbortController();
        world.at(endMs, () => leaving.abort());
        while (world.elapsedMs < endMs)
          await pipeline
            .generate({ prompt: 'Begin.', maxTokens: 10, signal: leaving.signal })
            .catch((error: unknown) => world.check(leaving.signal.aborted, () => `A call failed: ${String(error)}`));
      },
    );
    expect(refused).toEqual([]);
    expect(booked.length).toBeGreaterThanOrEqual(873);
  });
});
