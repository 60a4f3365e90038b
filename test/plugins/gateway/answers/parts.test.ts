import { describe, expect, it } from '@jest/globals';
import { AbortError, GenerationError } from 'scriptorium';
import type { AttemptRecord, GenerationEvent } from 'scriptorium';
import { eventually } from '../../../support/eventually.js';
import { ask, chunksOf, textOfAnswer, textOfChunks } from './ask.js';
import { partsScene } from './parts-scene.js';
import { aPost, rawClient } from './raw-client.js';

const REQUEST = { model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] };
const STREAM = { ...REQUEST, stream: true };
const ATTEMPT: AttemptRecord = {
  attempt: 1,
  provider: 'openrouter',
  model: 'a/model',
  outcome: 'success',
  sent: true,
  startedAt: 0,
  latencyMs: 1,
  usage: { inputTokens: 7, outputTokens: 5, costUsd: 0.25, source: 'reported' },
};
const START: GenerationEvent = { type: 'attempt-start', attempt: 1, provider: 'openrouter', model: 'a/model' };
const TEXT: GenerationEvent = { type: 'text-delta', delta: 'The sea ' };
const END: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: ATTEMPT.usage,
  servedFrom: 'provider',
  provider: 'openrouter',
  model: 'a/model',
  attempts: [ATTEMPT],
};
const RESTART: GenerationEvent = { type: 'restart', reason: 'interrupted' };

async function* playing(...events: readonly GenerationEvent[]): AsyncGenerator<GenerationEvent> {
  await Promise.resolve();
  yield* events;
}

/** Plays the events, then waits until the call is abandoned, and fails as a cancelled generation does. */
async function* playingUntilLeft(
  left: AbortSignal,
  ...events: readonly GenerationEvent[]
): AsyncGenerator<GenerationEvent> {
  yield* events;
  await new Promise((resolve) => left.addEventListener('abort', resolve));
  throw new AbortError('The generation was cancelled.', {}).withDetails({ attempts: [ATTEMPT] });
}

describe('the order of work', () => {
  it.each([REQUEST, STREAM])('of %j: admits, opens, answers, and reports tokens and delivery', async (body) => {
    const { port, log } = await partsScene({ events: () => playing(START, TEXT, END) });
    expect(await ask(port, body)).toMatchObject({ status: 200, isComplete: true });
    await eventually(() => log.length === 4);
    expect(log.slice(0, 2)).toEqual(['admit', 'open']);
    expect(log.slice(2).sort()).toEqual(['delivered', 'release 12']);
  });

  it('hands over the request as it came, with its labels', async () => {
    const { port, jobs } = await partsScene({ events: () => playing(START, TEXT, END) });
    const path = '/with/book=ada%2C%20I,chapter=3/v1/chat/completions';
    await ask(port, ` ${JSON.stringify(STREAM)}\n`, {
      path,
      headers: { 'Idempotency-Key': 'k-1', 'X-Title': 'BookGen' },
    });
    expect(jobs[0]).toMatchObject({
      path,
      body: ` ${JSON.stringify(STREAM)}\n`,
      idempotencyKey: 'k-1',
      isStream: true,
      input: {
        model: 'a/model',
        labels: { app: 'BookGen', book: 'ada, I', chapter: '3' },
      },
    });
  });

  it('counts a generation once, though the client that left and the one that adopted it both see its end', async () => {
    const { port, log } = await partsScene({ events: () => playing(START, TEXT, END) });
    await ask(port, REQUEST);
    await ask(port, REQUEST);
    await eventually(() => log.length === 8);
    expect(log.filter((line) => line.startsWith('release')).sort()).toEqual(['release 0', 'release 12']);
  });

  it('counts the attempts of a broken generation once, though another one continues it', async () => {
    let calls = 0;
    const second = { ...ATTEMPT, attempt: 2 };
    const { port, log } = await partsScene({
      events: async function* () {
        calls += 1;
        yield* playing(START, TEXT);
        if (calls === 1) throw new GenerationError('interrupted', 'It broke.').withDetails({ attempts: [ATTEMPT] });
        yield { ...END, attempts: [ATTEMPT, second] };
      },
    });
    expect((await ask(port, REQUEST)).status).toBe(502);
    expect((await ask(port, REQUEST)).status).toBe(200);
    await eventually(() => log.filter((line) => line.startsWith('release')).length === 2);
    expect(log.filter((line) => line.startsWith('release'))).toEqual(['release 12', 'release 12']);
  });

  it('refuses a key before it reads the body', async () => {
    const refuses = new GenerationError('authentication', 'The key is not known.', { status: 401 });
    const { port, log } = await partsScene({ events: () => playing(END), refuses });
    const client = await rawClient(port);
    client.send(aPost('x'.repeat(1_000)).slice(0, -900));
    expect(await client.until((text) => text.includes('not known'))).toMatch(/^HTTP\/1\.1 401 /);
    expect(log).toEqual([]);
    client.socket.destroy();
  });

  it.each([
    { of: 'a budget', code: 'budget', retryAt: Date.UTC(2026, 0, 1, 0, 1), status: 402, after: '60' },
    { of: 'a limit', code: 'rate-limit', retryAt: Date.UTC(2026, 0, 1, 0, 0, 1), status: 429, after: '1' },
    { of: 'a full queue', code: 'unavailable', status: 503, after: undefined },
  ] as const)(
    'answers the refusal of $of with $status, which clients may retry',
    async ({ code, status, after, ...given }) => {
      const error = new GenerationError(code, 'Not now.', 'retryAt' in given ? { retryAt: given.retryAt } : {});
      const { port, log } = await partsScene({ events: () => playing(END), admit: () => Promise.reject(error) });
      const { headers, ...answer } = await ask(port, STREAM);
      expect({ status: answer.status, after: headers['retry-after'], retry: headers['x-should-retry'] }).toEqual({
        status,
        after,
        retry: undefined,
      });
      expect(log).toEqual(['admit']);
    },
  );

  it('shows nothing of an unknown error, which is logged', async () => {
    const failing = { events: () => playing(END), admit: () => Promise.reject(new Error('a secret')) };
    const { port, log } = await partsScene(failing);
    const { status, body } = await ask(port, STREAM);
    const logged = expect.stringMatching(/^log The gateway failed at a chat completion of ada: Error: a secret\n/);
    expect(log.filter((line) => line.startsWith('log '))).toEqual([logged]);
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({
      status: 500,
      body: {
        error: {
          message: 'The request failed for an unknown reason.',
          type: 'server_error',
          param: null,
          code: 'internal',
        },
      },
    });
  });
});

describe('a client that leaves', () => {
  it.each([REQUEST, STREAM])(
    'abandons its call at once, and the price of what was written is reported',
    async (body) => {
      const { port, log } = await partsScene({ events: (_job, left) => playingUntilLeft(left, START, TEXT) });
      const client = await rawClient(port);
      client.send(aPost(body));
      await eventually(() => log.includes('open'));
      client.socket.destroy();
      await eventually(() => log.includes('release 12'));
      expect(log.slice(0, 3)).toEqual(['admit', 'open', 'abandon']);
      expect(log).not.toContain('delivered');
    },
  );

  it('during its wait for admission leaves the line, and nothing is opened', async () => {
    const { port, log } = await partsScene({
      events: () => playing(END),
      admit: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    });
    const client = await rawClient(port);
    client.send(aPost(STREAM));
    await eventually(() => log.includes('admit'));
    client.socket.destroy();
    await eventually(() => log.includes('release 0'));
    expect(log).toEqual(['admit', 'release 0']);
  });

  it('during its wait for admission has its status held and its connection kept', async () => {
    let admits = (): void => undefined;
    const { port, log, clock } = await partsScene({
      events: () => playing(START, TEXT, END),
      admit: () => new Promise((resolve) => (admits = resolve)),
    });
    const client = await rawClient(port);
    client.send(aPost(STREAM));
    await eventually(() => log.includes('admit'));
    clock.advance(5_000);
    await client.until((text) => text.includes(': keep-alive\n\n'));
    admits();
    await client.until((text) => text.endsWith('0\r\n\r\n'));
    expect(clock.pending).toBe(0);
    client.socket.destroy();
  });
});

describe('a revoked key', () => {
  it('ends a running stream with an error chunk and a broken connection', async () => {
    let isSent = false;
    const { port, log, key } = await partsScene({
      events: async function* (_job, left) {
        yield* [START, TEXT];
        isSent = true;
        yield* playingUntilLeft(left);
      },
    });
    const answer = ask(port, STREAM);
    await eventually(() => isSent);
    key.abort();
    const { status, body, isComplete } = await answer;
    const chunks = chunksOf(body);
    expect({ status, isComplete, text: textOfChunks(chunks), last: chunks.at(-1) }).toMatchObject({
      status: 200,
      isComplete: false,
      text: 'The sea ',
      last: { error: { code: 'authentication', message: expect.stringContaining('"ada" was revoked') } },
    });
    expect(log).toContain('abandon');
  });

  it('is the true status of an answer that has not begun', async () => {
    const { port, log, key } = await partsScene({ events: (_job, left) => playingUntilLeft(left, START, TEXT) });
    const answer = ask(port, REQUEST);
    await eventually(() => log.includes('open'));
    key.abort();
    expect(await answer).toMatchObject({ status: 401, isComplete: true });
  });

  it('breaks the connection of a client that reads nothing', async () => {
    const flood = async function* (left: AbortSignal): AsyncGenerator<GenerationEvent> {
      for (;;) {
        await Promise.resolve();
        yield { type: 'text-delta', delta: 'x'.repeat(100_000) };
        if (left.aborted) return;
      }
    };
    const { port, log, key, clock } = await partsScene({ events: (_job, left) => flood(left) });
    const client = await rawClient(port);
    client.socket.pause();
    client.send(aPost(STREAM));
    await eventually(() => log.includes('open'));
    key.abort();
    await eventually(() => log.some((line) => line.startsWith('release')));
    clock.advance(15_000);
    client.socket.resume();
    await client.ended;
    expect(client.received).not.toContain('\r\n0\r\n\r\n');
  });
});

describe('an answer that begins again', () => {
  it('is whole in JSON, without what is void', async () => {
    const { port } = await partsScene({ events: () => playing(START, TEXT, RESTART, START, TEXT, TEXT, END) });
    expect(textOfAnswer((await ask(port, REQUEST)).body).content).toBe('The sea The sea ');
  });

  it('breaks a stream, whose client has the void text already', async () => {
    const { port, log } = await partsScene({ events: () => playing(START, TEXT, RESTART, START, TEXT, END) });
    const { body, isComplete } = await ask(port, STREAM);
    expect({ isComplete, text: textOfChunks(chunksOf(body)) }).toEqual({ isComplete: false, text: 'The sea ' });
    expect(log).toContain('abandon');
  });
});

describe('a generation without an end', () => {
  it.each([STREAM, REQUEST])('is never taken for whole: %j', async (body) => {
    const { port } = await partsScene({ events: () => playing(START, TEXT) });
    const { status, isComplete } = await ask(port, body);
    expect(status === 200 ? isComplete : status).toBe('stream' in body ? false : 500);
  });
});
