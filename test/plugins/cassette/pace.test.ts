import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Pipeline } from 'scriptorium';
import { startEmulator, ManualClock } from 'scriptorium/testing';
import type { Exchange } from '../../../plugins/cassette/exchange.js';
import { delta, DONE, finish } from '../../support/wire.js';
import { aFile, cassetteIn, recording, replaying } from './cassettes.js';
import type { Session } from './cassettes.js';

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

/** The answer to the request of `pipeline.text({ prompt: 'Go.' })`, whose pieces come at these times. */
async function aCassette(pieces: Readonly<Record<number, string>>, end: Exchange['end']): Promise<string> {
  const [file, emulator] = [aFile(), await startEmulator({ words: 5 })];
  await recording({ url: emulator.url, file }, (pipeline) => pipeline.generate({ prompt: 'Go.' })).finally(() =>
    emulator.close(),
  );
  const {
    exchanges: [{ request }],
  } = cassetteIn(file) as unknown as { exchanges: [Exchange] };
  const chunks = Object.entries(pieces).map(([atMs, text]) => ({ atMs: Number(atMs), text }));
  writeFileSync(
    file,
    JSON.stringify({
      cassette: 1,
      exchanges: [
        {
          request,
          response: { atMs: 100, status: 200, headers: { 'content-type': 'text/event-stream' }, chunks },
          end,
        },
      ],
    }),
  );
  return file;
}

const STEP_MS = 50;

/** When what came, on a clock that is moved step by step. */
async function timed(file: string, session: Session = {}): Promise<readonly (readonly [number, string])[]> {
  const clock = new ManualClock();
  const seen: [number, string][] = [];
  const note = (what: string): void => void seen.push([Math.floor(clock.monotonic() / STEP_MS) * STEP_MS, what]);
  const read = async (pipeline: Pipeline): Promise<void> => {
    const subscription = pipeline.stream({ prompt: 'Go.' }).subscribe({
      next: (event) => {
        if (event.type === 'text-delta') note(event.delta);
      },
      error: ({ code }: { code: string }) => note(code),
      complete: () => note('end'),
    });
    await settle();
    while (!subscription.closed && clock.monotonic() < 10_000) {
      clock.advance(STEP_MS);
      await settle();
    }
  };
  await replaying(file, read, {
    ...session,
    clock,
    options: { file, mode: 'replay', pace: 'recorded', ...session.options },
  });
  await settle();
  expect(clock.pending).toBe(0);
  return seen;
}

const STORY = { 150: delta('Once '), 400: delta('upon '), 2_400: delta('a time.'), 2_450: finish() + DONE };

describe('the recorded pace', () => {
  it('keeps the order of the pieces and the gaps between them', async () => {
    expect(await timed(await aCassette(STORY, { atMs: 2_500, type: 'end' }))).toEqual([
      [150, 'Once '],
      [400, 'upon '],
      [2_400, 'a time.'],
      [2_450, 'end'],
    ]);
  });

  it("lets the pipeline's own timers run out as they did", async () => {
    const file = await aCassette({ 150: delta('Once ') }, { atMs: 1_200, type: 'aborted' });
    const config = { timeouts: { idleMs: 1_000 }, retry: { maxAttempts: 1 }, continuity: { onBreak: 'fail' } } as const;
    expect(await timed(file, { config })).toEqual([
      [150, 'Once '],
      [1_150, 'interrupted'],
    ]);
  });

  it('fails when it failed', async () => {
    const file = await aCassette(
      { 150: delta('Once ') },
      { atMs: 700, type: 'error', error: { code: 'connection', message: 'It broke.', retryable: true } },
    );
    expect(await timed(file, { config: { continuity: { onBreak: 'fail' } } })).toEqual([
      [150, 'Once '],
      [700, 'interrupted'],
    ]);
  });

  it('leaves no timer behind a reader who leaves between two pieces', async () => {
    const file = await aCassette(STORY, { atMs: 2_500, type: 'end' });
    const clock = new ManualClock();
    await replaying(
      file,
      async (pipeline) => {
        const subscription = pipeline.stream({ prompt: 'Go.' }).subscribe();
        await settle();
        clock.advance(500);
        await settle();
        expect(clock.pending).toBeGreaterThan(0);
        subscription.unsubscribe();
        await settle();
        expect(clock.pending).toBe(0);
      },
      { clock, options: { file, mode: 'replay', pace: 'recorded' } },
    );
  });
});

describe('the instant pace', () => {
  it('waits for nothing', async () => {
    expect(await timed(await aCassette(STORY, { atMs: 2_500, type: 'end' }), { options: { pace: 'instant' } })).toEqual(
      [
        [0, 'Once '],
        [0, 'upon '],
        [0, 'a time.'],
        [0, 'end'],
      ],
    );
  });
});

describe('the recorded times', () => {
  it("come from the pipeline's clock", async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 5 })];
    // It stands still: whatever the machine's clock says, no time has passed.
    await recording({ url: emulator.url, file }, (pipeline) => pipeline.generate({ prompt: 'Go.' }), {
      clock: new ManualClock(),
    }).finally(() => emulator.close());
    const {
      exchanges: [{ response, end }],
    } = cassetteIn(file) as unknown as { exchanges: [Exchange] };
    expect(
      [response?.atMs, end.atMs, ...(response?.chunks ?? []).map(({ atMs }) => atMs)].every((ms) => ms === 0),
    ).toBe(true);
  });
});
