import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bareClient } from '../../../src/cli/storm/bare-client.js';
import { startEmulator } from '../../../src/emulator/emulator.js';
import type { Emulator, Fault } from '../../../src/emulator/emulator.js';

const messages = [{ role: 'user', content: 'Write chapter 1.' }] as const;
let emulator: Emulator;
let whole: string;
beforeAll(async () => {
  emulator = await startEmulator({ words: 40 });
  whole = emulator.textFor({ messages });
});
afterEach(() => emulator.clear());
afterAll(() => emulator.close());

/** Writes one chapter while its requests meet these faults. */
async function write(...faults: readonly (Fault | undefined)[]) {
  emulator.script(...faults);
  const notes: string[] = [];
  const report = ({ note }: { note?: string }): void => {
    if (note !== undefined) notes.push(note);
  };
  const job = { messages, signal: AbortSignal.timeout(15_000), report };
  const saved = await bareClient({ url: emulator.url, model: 'scriptorium/moby-dick', title: 'bare' })(job).catch(
    (error: unknown) => error as Error,
  );
  return { saved, notes, requests: emulator.requests.length };
}

describe('the bare client', () => {
  it('saves the text of an answer that meets no fault', async () => {
    expect(await write()).toEqual({ saved: whole, notes: [], requests: 1 });
  });

  it.each([
    ['a status', { status: 503 }, 'HTTP 503'],
    ['a refusal', { status: 400 }, 'HTTP 400'],
    ['a reset', { reset: { afterDeltas: 5 } }, 'broken'],
    ['a lost connection', { fin: { afterDeltas: 5 } }, 'broken'],
    ['silence', { stall: { afterDeltas: 5 } }, 'silence'],
  ] as const)('starts over after %s', async (_, fault, reason) => {
    expect(await write(fault, undefined)).toEqual({ saved: whole, notes: [`${reason}: starts over`], requests: 2 });
  });

  it.each([
    ['a stream that ends too early', { truncate: { afterDeltas: 5 } }],
    ['an error inside the stream', { errorChunk: { afterDeltas: 5 } }],
    ['a token cap', { capTokens: 5 }],
    ['an empty answer', { empty: true }],
  ] as const)('takes %s for a whole text', async (_, fault) => {
    const { saved, requests } = await write(fault);
    expect(requests).toBe(1);
    expect(whole.startsWith(saved as string)).toBe(true);
    expect((saved as string).length).toBeLessThan(whole.length);
  });

  it('skips what is not JSON', async () => {
    expect(await write({ garbage: { afterDeltas: 5 } })).toMatchObject({ saved: whole, requests: 1 });
  });

  it('gives up after four tries', async () => {
    expect(await write(...Array.from({ length: 4 }, () => ({ status: 500 })))).toMatchObject({
      saved: new Error('HTTP 500'),
      requests: 4,
    });
  });
});
