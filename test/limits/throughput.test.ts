import { afterEach, describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { pipelineTo } from '../support/pipelines.js';
import { simulatedTimes, windowServer } from '../support/window-server.js';
import type { WindowLimits, WindowServer } from '../support/window-server.js';
import { IS_FULL, show } from './figures.js';

const CLIENTS = 50;
const PROMPT_TOKENS = 100;
const SIZES = [400, 1_000, 2_000];

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

async function hammered(
  limits: WindowLimits,
  rateLimit: ConfigInput['rateLimit'],
  clock: CountingClock,
): Promise<{ readonly server: WindowServer; readonly pipeline: Pipeline }> {
  const server = await windowServer(limits);
  const pipeline = await pipelineTo(
    server.url,
    { rateLimit, defaults: { wire: 'json' } },
    { register: (container) => container.register(tokens.CLOCK, { useValue: clock }) },
  );
  closings.push(
    () => pipeline.dispose(),
    () => server.close(),
  );
  return { server, pipeline };
}

const call = (pipeline: Pipeline, size: number) =>
  pipeline.generate({ prompt: 'x'.repeat(PROMPT_TOKENS * 4), maxTokens: size - PROMPT_TOKENS });

describe('a server that allows 60 requests and 10,000 tokens in any minute', () => {
  const SPEED = 20;
  const LIMITS: WindowLimits = { windowMs: 60_000 / SPEED, requests: 60, tokens: 10_000, jitterMs: 20 };

  it.each([
    ['calls of 400, 1,000 and 2,000 tokens', SIZES, IS_FULL ? 100 : 27, IS_FULL ? 0.97 : 0.95],
    // Sixty go out in one burst, and the milliseconds that takes are twenty times as many here.
    ['calls of 110 tokens, which the count of requests limits', [110], IS_FULL ? 420 : 130, 0.9],
  ])(
    'refuses none of 50 clients, and lets through what could be let through: %s',
    async (...[what, kinds, count, leastShare]) => {
      // A machine that keeps a request for longer than the skew allows is no fault of the limiter; it does so once, not three times.
      for (let isKept = false, run = 1; !isKept; run += 1)
        isKept = await round({ what, kinds, count, leastShare, mayFail: run < 3 });
    },
    120_000,
  );

  interface Round {
    readonly what: string;
    readonly kinds: readonly number[];
    readonly count: number;
    readonly leastShare: number;
    readonly mayFail: boolean;
  }

  async function round({ what, kinds, count, leastShare, mayFail }: Round): Promise<boolean> {
    const { server, pipeline } = await hammered(
      LIMITS,
      { requestsPerMinute: 60, tokensPerMinute: 10_000, skewMs: 60 * SPEED },
      new CountingClock(SPEED),
    );
    const sizes = Array.from({ length: count }, (_, index) => kinds[index % kinds.length]!);
    const waiting = [...sizes];
    const client = async (): Promise<void> => {
      for (let size = waiting.shift(); size !== undefined; size = waiting.shift()) await call(pipeline, size);
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));

    const { booked, refused } = await server.report();
    const took = booked.at(-1)!.at - booked[0]!.at;
    const ideal = simulatedTimes(sizes, LIMITS).at(-1)!;
    show(what, {
      calls: booked.length,
      refused: refused.length,
      'scaled s': (took * SPEED) / 1000,
      'simulated s': (ideal * SPEED) / 1000,
      share: ideal / took,
    });
    if (mayFail && (refused.length > 0 || ideal / took < leastShare)) return false;
    expect(refused).toEqual([]);
    expect(booked).toHaveLength(count);
    expect(booked.map(({ tokens }) => tokens).toSorted((a, b) => a - b)).toEqual(sizes.toSorted((a, b) => a - b));
    expect(ideal / took).toBeGreaterThanOrEqual(leastShare);
    return true;
  }
});

describe('300 requests a minute, in real time', () => {
  (IS_FULL ? it : it.skip)(
    'none is refused in 130 s, and 97 % of 900 are used',
    async () => {
      const { server, pipeline } = await hammered(
        { windowMs: 60_000, requests: 300, tokens: Infinity, jitterMs: 20 },
        { requestsPerMinute: 300 },
        new CountingClock(),
      );
      const end = performance.now() + 130_000;
      const signal = AbortSignal.timeout(130_000);
      const client = async (): Promise<void> => {
        while (performance.now() < end)
          await pipeline.generate({ prompt: 'Begin.', maxTokens: 10, signal }).catch(() => undefined);
      };
      await Promise.all(Array.from({ length: CLIENTS }, client));
      const { booked, refused } = await server.report();
      show('300 a minute for 130 s', { used: booked.length, refused: refused.length, share: booked.length / 900 });
      expect(refused).toEqual([]);
      expect(booked.length).toBeGreaterThanOrEqual(873);
    },
    160_000,
  );
});
