import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import type { Serve } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aScene, failure, interruption, resumption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { EVENT_STREAM, inScene, inWorld } from '../support/simulated-scene.js';
import { answers, chunk, data, delta, DONE, finish, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const COMMENT = chunk(': OPENROUTER PROCESSING\n\n');
const KEEP_ALIVES: readonly Step[] = Array.from(
  { length: 60 },
  () => [{ write: COMMENT }, { wait: 10 }] as const,
).flat();
const EMPTY_CHUNKS: readonly Step[] = Array.from(
  { length: 60 },
  () => [{ write: chunk(delta('')) }, { wait: 10 }] as const,
).flat();
const THOUGHT = data({ choices: [{ index: 0, delta: { reasoning: 'Hm.' } }] });

interface Stall {
  readonly row: string;
  readonly fault: string;
  readonly steps: readonly Step[];
  readonly timer: string;
  readonly timeouts: ConfigInput['timeouts'];
}

const stalling = ({ steps }: Stall): readonly Step[] => [
  { request: true },
  { write: SSE_HEAD },
  ...steps,
  { stall: true },
];

const PRE: readonly Stall[] = [
  { row: '40', fault: 'headers and then nothing', steps: [], timer: 'first-token', timeouts: { firstTokenMs: 60 } },
  {
    row: '41',
    fault: 'nothing but keep-alive comments',
    steps: KEEP_ALIVES,
    timer: 'first-token',
    timeouts: { firstTokenMs: 60 },
  },
  {
    row: '41',
    fault: 'nothing but chunks without content',
    steps: EMPTY_CHUNKS,
    timer: 'first-token',
    timeouts: { firstTokenMs: 60 },
  },
  {
    row: '42',
    fault: 'a thought and then nothing',
    steps: [{ write: chunk(THOUGHT) }],
    timer: 'idle',
    timeouts: { idleMs: 60 },
  },
  {
    row: '43',
    fault: 'a thought and then keep-alive comments',
    steps: [{ write: chunk(THOUGHT) }, ...KEEP_ALIVES],
    timer: 'content-idle',
    timeouts: { contentIdleMs: 60 },
  },
];

const POST: readonly Stall[] = [
  {
    row: '42',
    fault: 'a stream that goes silent',
    steps: [{ write: chunk(delta('Once ') + delta('upon ')) }],
    timer: 'idle',
    timeouts: { idleMs: 60 },
  },
  {
    row: '43',
    fault: 'a stream of nothing but keep-alive comments',
    steps: [{ write: chunk(delta('Once ') + delta('upon ')) }, ...KEEP_ALIVES],
    timer: 'content-idle',
    timeouts: { contentIdleMs: 60, idleMs: 5_000 },
  },
  {
    row: '43',
    fault: 'a stream of chunks without content',
    steps: [{ write: chunk(delta('Once ') + delta('upon ')) }, ...EMPTY_CHUNKS],
    timer: 'content-idle',
    timeouts: { contentIdleMs: 60, idleMs: 5_000 },
  },
];

describe('before any text', () => {
  it.each(PRE)('$row: $fault is given up and tried again', async (stall) => {
    const { server, pipeline } = await aScene([stalling(stall), GOOD], { config: { timeouts: stall.timeouts! } });
    const { text, tries } = await success(pipeline);
    expect({ text, tries, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      tries: ['timeout', 'ok'],
      requests: 2,
    });
    await eventually(() => server.closes.length === 1);
  });

  it.each(PRE)('$row: after $fault the error names the timer $timer', async (stall) => {
    const { pipeline } = await aScene([stalling(stall)], {
      config: { timeouts: stall.timeouts!, retry: { maxAttempts: 1 } },
    });
    const startedAt = performance.now();
    const { error, text } = await failure(pipeline);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'timeout', timer: stall.timer, retryable: true });
    expect(text).toBe('');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59);
  });
});

describe('after some text', () => {
  it.each(POST)('$row: $fault is an interruption with the text so far, where it may not be resumed', async (stall) => {
    const { server, pipeline } = await aScene([stalling(stall), GOOD], { config: { timeouts: stall.timeouts! } });
    const { error, cause, text, tries } = await interruption(pipeline);
    expect(cause).toBeInstanceOf(TimeoutError);
    expect(cause).toMatchObject({ timer: stall.timer });
    expect({ text, partial: error.partial?.text, tries, requests: server.requests.length }).toEqual({
      text: 'Once upon ',
      partial: 'Once upon ',
      tries: ['timeout'],
      requests: 1,
    });
    expect(error.partial?.usage).toMatchObject({ source: 'estimated', outputTokens: 3 });
    await eventually(() => server.openSockets() === 0);
  });

  it.each(POST)('$row: $fault is resumed, and the text is whole', async (stall) => {
    await resumption({
      script: stalling(stall),
      before: 'Once upon ',
      code: 'timeout',
      config: { timeouts: stall.timeouts! },
    });
  });
});

describe('slow but steady', () => {
  const words = Array.from({ length: 12 }, (_, index) => `word ${index} `);
  /** Writes the words, and these between them, with 30 ms after each. */
  const paced =
    (...between: readonly string[]): Serve =>
    async (_, exchange) => {
      exchange.open(200, EVENT_STREAM);
      for (const word of words)
        for (const piece of [delta(word), ...between]) {
          await exchange.write(piece);
          await exchange.pause(30);
        }
      await exchange.end(finish() + DONE);
    };

  it.each([
    ['one token now and then is an answer, though it takes far longer than any idle timer', [], [40, 40, 40]],
    ['comments between the tokens keep the connection alive', [': OPENROUTER PROCESSING\n\n'], [undefined, 40, 70]],
  ] as const)('44: %s', async (_, between, [firstTokenMs, idleMs, contentIdleMs]) => {
    const config: ConfigInput = {
      timeouts: { ...(firstTokenMs && { firstTokenMs }), idleMs, contentIdleMs },
      retry: { maxAttempts: 1 },
    };
    await inWorld((world) =>
      inScene(world, { scripts: [paced(...between)], config }, async ({ pipeline }) => {
        expect(await success(pipeline)).toMatchObject({ text: words.join(''), tries: ['ok'] });
      }),
    )();
  });
});
