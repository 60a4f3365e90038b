import { afterEach, describe, expect, it } from '@jest/globals';
import { GenerationError, tokens } from 'scriptorium';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { CANARY, pipelineTo } from '../support/pipelines.js';
import { expectWithin } from '../support/within.js';
import { IS_FULL, median, peakIn, show } from './figures.js';

const GENERATIONS = 100;
/** Seconds of a clock that runs so much faster; in a full run real ones. */
const SPEED = IS_FULL ? 1 : 10;
const OUTAGE_MS = 20_000;
const INTERVAL_MS = 50;
const A_MINUTE_MS = 60_000;
/** The program's own backoffs, which tests elsewhere shorten. */
const DEFAULTS: ConfigInput = { defaults: { model: 'scriptorium/exact' }, retry: { baseMs: 1_000, capMs: 60_000 } };

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ words: 20, ...options });
  closings.push(() => emulator.close());
  return emulator;
}

async function aPipeline(
  url: string,
  config: ConfigInput,
  { speed, second }: { readonly speed: number; readonly second?: Emulator },
): Promise<Pipeline> {
  const clock = new CountingClock(speed);
  const pipeline = await pipelineTo(
    url,
    { ...DEFAULTS, ...config },
    {
      register: (container) => container.register(tokens.CLOCK, { useValue: clock }),
      plugins: second === undefined ? [] : [openrouter({ id: 'second', apiKey: CANARY, baseUrl: second.url })],
    },
  );
  closings.push(() => pipeline.dispose());
  return pipeline;
}

describe('a server that is killed for 20 s under 100 generations', () => {
  it('brings every one of them to its end, though there is no other route, and is not run over when it is back', async () => {
    const first = await anEmulator({ fault: () => ({ delayMs: 3_000 / SPEED }) });
    const pipeline = await aPipeline(
      first.url,
      { rateLimit: { minIntervalMs: INTERVAL_MS, requestsPerMinute: 250 } },
      { speed: SPEED },
    );
    const startedAt = performance.now();
    const work = Array.from({ length: GENERATIONS }, () =>
      pipeline.generate({ prompt: 'Begin.', wire: 'json', deadlineMs: 120_000 }).then(
        ({ attempts }) => attempts.length,
        (error: unknown) => (GenerationError.is(error) ? error.code : 'foreign'),
      ),
    );
    await pause(2_500 / SPEED);
    const before = first.requests.length;
    await first.close();
    await pause(OUTAGE_MS / SPEED);
    const back = await anEmulator({ port: first.port });
    const outcomes = await Promise.all(work);

    const arrivals = back.requests.map(({ arrivedAt }) => arrivedAt);
    const perSecond = peakIn(1_000 / SPEED, arrivals);
    const perMinute = peakIn(A_MINUTE_MS / SPEED, [...first.requests.map(({ arrivedAt }) => arrivedAt), ...arrivals]);
    const attempts = outcomes.filter((outcome) => typeof outcome === 'number');
    const failed = outcomes.filter((outcome) => typeof outcome === 'string');
    show('outage, one route', {
      succeeded: attempts.length,
      'in flight when killed': before,
      'peak a second': perSecond,
      'limit a second': 1_000 / INTERVAL_MS,
      'peak a minute': perMinute,
      'all done after s': ((performance.now() - startedAt) * SPEED) / 1000,
      'most attempts': Math.max(...attempts),
    });
    expect(failed).toEqual([]);
    expect(before).toBeGreaterThan(5);
    // The arrival of one request more than the interval allows is jitter of the scaled clock.
    expect(perSecond).toBeLessThanOrEqual(1_000 / INTERVAL_MS + 1);
    expect(perMinute).toBeLessThanOrEqual(250);
  }, 150_000);

  it('loses no word of the texts that were being written: all are resumed when it is back', async () => {
    // Texts of some 40 s, so that each is in the middle of its own.
    const first = await anEmulator({ words: 600, tokensPerSecond: 20 * SPEED });
    const pipeline = await aPipeline(first.url, {}, { speed: SPEED });
    const inputs = Array.from({ length: GENERATIONS }, (_, index) => ({
      messages: [{ role: 'user' as const, content: `Write chapter ${index}.` }],
    }));
    // Before the clock runs: the emulator writes them now and remembers.
    const expected = inputs.map((input) => first.textFor({ model: 'scriptorium/exact', ...input }));
    const startedAt = performance.now();
    const texts = inputs.map(async (input) => {
      let text = '';
      let splices = 0;
      await pipeline.stream(input).forEach((event) => {
        if (event.type === 'text-delta') text += event.delta;
        if (event.type === 'continuation') splices += 1;
      });
      return { text, splices };
    });
    const begun = (): number => first.requests.filter(({ text }) => text !== '').length;
    await eventually(() => begun() === GENERATIONS, 60_000);
    // All of them, unless the machine was so busy that some texts came to their end first.
    const open = first.requests.filter(({ outcome }) => outcome === 'running').length;
    await first.close();
    await pause(OUTAGE_MS / SPEED);
    const back = await anEmulator({ words: 600, tokensPerSecond: 200 * SPEED, port: first.port });
    const written = await Promise.all(texts);

    show('outage, streams', {
      'in the middle of a text when killed': begun(),
      splices: written.reduce((sum, { splices }) => sum + splices, 0),
      'all done after s': ((performance.now() - startedAt) * SPEED) / 1000,
      'requests after': back.requests.length,
    });
    expect(written.map(({ text }) => text)).toEqual(expected);
    expect(open).toBeGreaterThan(GENERATIONS / 2);
    expect(written.filter(({ splices }) => splices >= 1).length).toBeGreaterThanOrEqual(open);
  }, 150_000);

  it(
    'with a second route, the median first token comes from it within 2 s',
    () =>
      expectWithin(2_000, async () => {
        const second = await anEmulator();
        const first = await anEmulator({ fault: () => ({ stall: 'after-headers' }) });
        const pipeline = await aPipeline(first.url, { routes: [{ provider: 'second' }] }, { speed: 1, second });
        const ends: { readonly at: number; readonly provider: string }[] = [];
        const work = Array.from(
          { length: GENERATIONS },
          () =>
            new Promise<void>((resolve, reject) => {
              let provider = '';
              let isToldOf = false;
              pipeline.stream({ prompt: 'Begin.' }).subscribe({
                next: (event) => {
                  if (event.type === 'attempt-start') ({ provider } = event);
                  if (event.type !== 'text-delta' || isToldOf) return;
                  isToldOf = true;
                  ends.push({ at: performance.now(), provider });
                },
                error: reject,
                complete: resolve,
              });
            }),
        );
        await pause(200);
        const killedAt = performance.now();
        await first.close();
        await Promise.all(work);
        const waits = ends.map(({ at }) => at - killedAt);
        show('outage, two routes', {
          'first tokens': waits.length,
          'median ms': median(waits),
          'slowest ms': Math.max(...waits),
        });
        expect(new Set(ends.map(({ provider }) => provider))).toEqual(new Set(['second']));
        return median(waits);
      }),
    150_000,
  );
});
