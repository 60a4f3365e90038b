import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pipeline } from 'scriptorium';
import { startEmulator } from 'scriptorium/testing';
import { eventsOf, pipelineTo, textOf } from '../support/pipelines.js';
import { cuttingServer } from './cutting-server.js';
import type { CuttingServer } from './cutting-server.js';

const AT_ONCE = 32;
/** `npm run positions` takes every one; here each 31st, and the last ones, of which the very last is the hardest. */
const STEP = process.env.POSITIONS === 'all' ? 1 : 31;
const ALWAYS = 20;
/** Traces of thousands of errors that nobody reads would take a third of the time. */
const { stackTraceLimit } = Error;

let server: CuttingServer;
let whole: string;
let pipeline: Pipeline;

beforeAll(async () => {
  Error.stackTraceLimit = 0;
  const emulator = await startEmulator();
  whole = emulator.textFor({ model: 'scriptorium/exact-2000', messages: [{ role: 'user', content: 'Begin.' }] });
  await emulator.close();
  server = await cuttingServer(whole);
  pipeline = await pipelineTo(
    server.url,
    {
      breaker: { minimumCalls: 1_000_000, windowMs: 1 },
      plugins: { openrouter: { prefill: { 'native/*': 'exact', 'told/*': 'instructed' } } },
    },
    { isBare: true },
  );
});
afterAll(async () => {
  Error.stackTraceLimit = stackTraceLimit;
  await pipeline.dispose();
  await server.close();
});

/** What is wrong with the generation that broke off there, if anything is. */
async function faultAt(cut: number, model: string): Promise<string | undefined> {
  const events = await eventsOf(pipeline, { model, prompt: `Cut at ${cut}.` });
  const splices = events.filter(({ type }) => type === 'continuation');
  const before = textOf(
    events.slice(
      0,
      events.findIndex(({ type }) => type === 'continuation'),
    ),
  );
  if (textOf(events) !== whole) return `cut at ${cut}: a wrong text`;
  if (cut === whole.length) return splices.length === 0 ? undefined : `cut at ${cut}: a splice behind the end`;
  return splices.length === 1 && before === whole.slice(0, cut)
    ? undefined
    : `cut at ${cut}: ${splices.length} splices, the first after ${before.length} characters`;
}

describe('a stream that breaks off', () => {
  it.each(['native/exact', 'told/exact', 'told/starts-over', 'told/repeats-last-sentence'])(
    'at any character, the last one included, becomes exactly the text: %s',
    async (model) => {
      const faults: string[] = [];
      const cuts = Array.from({ length: whole.length }, (_, index) => index + 1).filter(
        (cut) => cut % STEP === 0 || cut > whole.length - ALWAYS,
      );
      const left = cuts.values();
      const work = async (): Promise<void> => {
        for (const cut of left) {
          const fault = await faultAt(cut, model);
          if (fault !== undefined) faults.push(fault);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      expect(whole.length).toBeGreaterThanOrEqual(2_000);
      expect(faults).toEqual([]);
    },
  );
});
