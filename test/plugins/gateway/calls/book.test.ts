import { describe, expect, it } from '@jest/globals';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { emulatedVendor, simulate } from 'scriptorium/testing';
import type { FaultRate, SimulatedVendor, World } from 'scriptorium/testing';
import type { Calls } from '../../../../plugins/gateway/calls/call.js';
import { makeCalls } from '../../../../plugins/gateway/calls/make-calls.js';
import { jobOf, Reading } from './gateway-calls.js';
import type { Asking } from './gateway-calls.js';

const MODEL = 'scriptorium/exact';
const CHAPTERS = Array.from({ length: 12 }, (_, index) => `Write chapter ${index + 1}.`);
/** A client's patience, the pause before it sends a chapter again, and the times that it does. */
const [PATIENCE_MS, BACKOFF_MS, MOST_SENT] = [4_000, 1_000, 8];

interface Chapter {
  readonly text: string;
  readonly sent: number;
}

interface Book {
  readonly chapters: readonly (Chapter | undefined)[];
  readonly vendor: SimulatedVendor;
  readonly costUsd: number;
  /** What the log knows of generations that failed. */
  readonly failed: number;
  readonly timers: number;
}

/** Sends a chapter as BookGen does: after its patience it breaks the connection, and sends the same again. */
async function chapterOf(world: World, calls: Calls, asking: Asking): Promise<Chapter | undefined> {
  for (let sent = 1; sent <= MOST_SENT; sent += 1) {
    const reading = new Reading(calls.open(jobOf(asking)));
    for (let waited = 0; waited < PATIENCE_MS && !reading.isOver; waited += 100) await world.sleep(100);
    if (reading.isWhole) {
      reading.call.delivered();
      return { text: reading.text, sent };
    }
    reading.call.abandon();
    await world.sleep(BACKOFF_MS);
  }
  return undefined;
}

/** Writes all chapters at once. */
async function write(seed: number, isStream: boolean, faults: FaultRate): Promise<Book> {
  const { value } = await simulate({ seed }, async (world) => {
    const vendor = emulatedVendor(world, { words: 80, tokensPerSecond: 10, faults });
    const writer = await world.process('gateway', {
      plugins: [openrouter({ apiKey: 'simulated', baseUrl: vendor.url, prefill: { '*': 'exact' } })],
      config: { defaults: { model: MODEL }, retry: { maxAttempts: 1 }, continuity: { maxSegments: 1 } },
    });
    const timers = new Set<object>();
    const calls = makeCalls(writer.pipeline, {
      now: () => world.now(),
      monotonic: () => world.elapsedMs,
      setTimer: (ms, run) => {
        const timer = {};
        timers.add(timer);
        const cancel = world.at(ms, () => {
          timers.delete(timer);
          run();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    });
    const chapters = await Promise.all(
      CHAPTERS.map((prompt) => chapterOf(world, calls, { input: { prompt }, body: prompt, isStream })),
    );
    calls.close();
    const { known, estimated } = writer.pipeline.stats().cost;
    const failed = writer.pipeline.stats().failed;
    await writer.stop();
    return { chapters, vendor, costUsd: known + estimated, failed, timers: timers.size };
  });
  return value;
}

const textFor = (vendor: SimulatedVendor, prompt: string): string =>
  vendor.textFor({ model: MODEL, messages: [{ role: 'user', content: prompt }] });

describe.each([
  ['streams', true],
  ['whole answers', false],
])('a book of chapters that are sent again and again, as %s', (_, isStream) => {
  it('is asked for and paid once a chapter', async () => {
    const { chapters, vendor, costUsd, timers } = await write(1, isStream, { rate: 0 });
    expect(chapters.map((chapter) => chapter?.text)).toEqual(CHAPTERS.map((prompt) => textFor(vendor, prompt)));
    expect(chapters.every((chapter) => (chapter?.sent ?? 0) > 1)).toBe(true);
    expect({ requests: vendor.books.accepted, timers }).toEqual({ requests: CHAPTERS.length, timers: 0 });
    expect(costUsd).toBeCloseTo(vendor.books.costUsd, 9);
  });

  it.each([1, 2, 3, 4])('comes whole although generations break off and fail, with seed %i', async (seed) => {
    const { chapters, vendor, failed, timers } = await write(seed, isStream, { rate: 0.4, rows: [20, 45, 46] });
    const wrong = chapters.flatMap((chapter, index) =>
      chapter !== undefined && chapter.text !== textFor(vendor, CHAPTERS[index]!) ? [chapter.text] : [],
    );
    expect(wrong).toEqual([]);
    expect({ timers, isProof: failed > 0 && chapters.filter((chapter) => chapter !== undefined).length > 6 }).toEqual({
      timers: 0,
      isProof: true,
    });
  });
});
