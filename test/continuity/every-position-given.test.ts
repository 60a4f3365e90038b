import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pipeline } from 'scriptorium';
import { startEmulator } from 'scriptorium/testing';
import { eventsOf, pipelineTo, textOf } from '../support/pipelines.js';
import { cuttingServer } from './cutting-server.js';
import type { CuttingServer } from './cutting-server.js';

const AT_ONCE = 32;
/** `npm run positions` takes every one; here some, and the first and the last ones. */
const STEP = process.env.POSITIONS === 'all' ? 1 : 31;
const ALWAYS = 20;
const INPUT = { prompt: 'Cut at 0.' };

let server: CuttingServer;
let whole: string;
let pipeline: Pipeline;

beforeAll(async () => {
  const emulator = await startEmulator();
  whole = emulator.textFor({ model: 'scriptorium/exact-2000', messages: [{ role: 'user', content: 'Begin.' }] });
  await emulator.close();
  server = await cuttingServer(whole);
  pipeline = await pipelineTo(
    server.url,
    { plugins: { openrouter: { prefill: { 'native/*': 'exact', 'told/*': 'instructed' } } } },
    { isBare: true },
  );
});
afterAll(async () => {
  await pipeline.dispose();
  await server.close();
});

/** Describes what is wrong with the text continued from there. */
async function faultAt(position: number, model: string): Promise<string | undefined> {
  const given = whole.slice(0, position);
  const events = await eventsOf(pipeline, { ...INPUT, model, continueFrom: given });
  if (given + textOf(events) !== whole) return `continued from ${position}: a wrong text`;
  const splices = events.flatMap((event) =>
    event.type === 'continuation' ? [`${event.segment} ${event.reason}`] : [],
  );
  const expected = position === whole.length ? '' : '2 given';
  return splices.join() === expected ? undefined : `continued from ${position}: the splices ${splices.join()}`;
}

describe('a given text', () => {
  it.each(['native/exact', 'told/exact', 'told/starts-over', 'told/repeats-last-sentence', 'told/chats-first'])(
    'that ends at any character is continued to exactly the whole: %s',
    async (model) => {
      const faults: string[] = [];
      const positions = Array.from({ length: whole.length }, (_, index) => index + 1).filter(
        (position) => position % STEP === 0 || position <= ALWAYS || position > whole.length - ALWAYS,
      );
      const left = positions.values();
      const work = async (): Promise<void> => {
        for (const position of left) {
          const fault = await faultAt(position, model);
          if (fault !== undefined) faults.push(fault);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      expect(whole.length).toBeGreaterThanOrEqual(2_000);
      expect(faults).toEqual([]);
    },
  );
});
