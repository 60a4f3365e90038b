import { describe, expect, it } from '@jest/globals';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { emulatedVendor, simulate } from 'scriptorium/testing';
import type { SimulatedFault, World } from 'scriptorium/testing';
import { simulatedWriter, stopped } from '../support/simulated-writer.js';
import { median, peakIn } from './figures.js';

const GENERATIONS = 100;
const OUTAGE_MS = 20_000;
const INTERVAL_MS = 50;
const A_MINUTE_MS = 60_000;
const EXACT: ConfigInput = { defaults: { model: 'scriptorium/exact' } };

/** More than the requests of any test here. */
const everyRequest = (fault: Omit<SimulatedFault, 'row' | 'title'>): readonly SimulatedFault[] =>
  Array<SimulatedFault>(1_000).fill({ row: 0, title: 'every request', ...fault });

const inputs = Array.from({ length: GENERATIONS }, (_, index) => ({
  messages: [{ role: 'user' as const, content: `Write chapter ${index}.` }],
}));

/** The text of one generation, and how often it was continued. */
async function read(pipeline: Pipeline, input: (typeof inputs)[number]) {
  let [text, splices] = ['', 0];
  await pipeline.stream(input).forEach((event) => {
    if (event.type === 'text-delta') text += event.delta;
    if (event.type === 'continuation') splices += 1;
  });
  return { text, splices };
}

describe('a server that is killed for 20 s under 100 generations', () => {
  it('brings every one of them to its end, though there is no other route, and is not run over when it is back', async () => {
    const killedAfterMs = 2_500;
    const { value } = await simulate({ seed: 1, latencyMs: [5, 5] }, async (world) => {
      const vendor = emulatedVendor(world, { words: 20, tokensPerSecond: 0 });
      const end = world.now() + killedAfterMs;
      vendor.script(...everyRequest({ vendor: (_, now) => ({ delayMs: now < end ? 3_000 : 0 }) }));
      const { process } = await simulatedWriter(world, [vendor.url], {
        config: { ...EXACT, rateLimit: { minIntervalMs: INTERVAL_MS, requestsPerMinute: 250 } },
      });
      const work = Array.from({ length: GENERATIONS }, () =>
        process.pipeline.generate({ prompt: 'Begin.', wire: 'json', deadlineMs: 120_000 }).then(
          () => 'whole',
          (error: unknown) => String(error),
        ),
      );
      await world.sleep(killedAfterMs);
      const before = vendor.requests.length;
      vendor.host.crash();
      await world.sleep(OUTAGE_MS);
      vendor.host.start();
      const outcomes = await Promise.all(work);
      await stopped(world, process);
      return { outcomes, before, arrivals: vendor.requests.map(({ arrivedAt }) => arrivedAt) };
    });
    const { outcomes, before, arrivals } = value;
    expect(outcomes).toEqual(Array(GENERATIONS).fill('whole'));
    expect(before).toBeGreaterThan(5);
    expect(peakIn(1_000, arrivals.slice(before))).toBeLessThanOrEqual(1_000 / INTERVAL_MS);
    expect(peakIn(A_MINUTE_MS, arrivals)).toBeLessThanOrEqual(250);
  });

  it('loses no word of the texts that were being written: all are resumed when it is back', async () => {
    const { value } = await simulate({ seed: 1 }, async (world) => {
      // Texts of some 13 s, so that each is in the middle of its own.
      const vendor = emulatedVendor(world, { words: 200, tokensPerSecond: 20 });
      const { process } = await simulatedWriter(world, [vendor.url], { config: EXACT });
      const texts = inputs.map((input) => read(process.pipeline, input));
      await world.sleep(2_000);
      const begun = vendor.requests.filter(({ text, outcome }) => text !== '' && outcome === 'running').length;
      vendor.host.crash();
      await world.sleep(OUTAGE_MS);
      vendor.host.start();
      const written = await Promise.all(texts);
      await stopped(world, process);
      const expected = inputs.map((input) => vendor.textFor({ model: 'scriptorium/exact', ...input }));
      return { begun, written, expected };
    });
    const { begun, written, expected } = value;
    expect(begun).toBe(GENERATIONS);
    expect(written.map(({ text }) => text)).toEqual(expected);
    expect(written.map(({ splices }) => splices)).toEqual(Array(GENERATIONS).fill(1));
  });

  it('with a second route, the median first token comes from it within 2 s', async () => {
    const { value } = await simulate({ seed: 1 }, async (world) => {
      const [first, second] = [
        emulatedVendor(world, { words: 20 }),
        emulatedVendor(world, { words: 20, name: 'second.test' }),
      ];
      first.script(...everyRequest({ vendor: () => ({ stall: 'after-headers' }) }));
      const { process } = await simulatedWriter(world, [first.url, second.url], {
        config: { ...EXACT, routes: [{ provider: 'second' }] },
      });
      const work = Array.from({ length: GENERATIONS }, () => firstToken(world, process.pipeline));
      await world.sleep(200);
      const killedAt = world.elapsedMs;
      const underWay = first.requests.length;
      first.host.crash();
      const firsts = await Promise.all(work);
      await stopped(world, process);
      return { underWay, firsts: firsts.map(({ at, provider }) => ({ provider, waitMs: at - killedAt })) };
    });
    const { underWay, firsts } = value;
    expect(underWay).toBe(GENERATIONS);
    expect(firsts.map(({ provider }) => provider)).toEqual(Array(GENERATIONS).fill('second'));
    expect(median(firsts.map(({ waitMs }) => waitMs))).toBeLessThan(2_000);
  });
});

/** When the first token of one generation came, and from which provider. Resolves at the end of the generation. */
async function firstToken(world: World, pipeline: Pipeline) {
  let provider = '';
  let first: { readonly at: number; readonly provider: string } | undefined;
  await pipeline.stream({ prompt: 'Begin.' }).forEach((event) => {
    if (event.type === 'attempt-start') ({ provider } = event);
    if (event.type === 'text-delta') first ??= { at: world.elapsedMs, provider };
  });
  if (first === undefined) throw new Error('No token came.');
  return first;
}
