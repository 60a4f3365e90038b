import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent, GenerationInput, Pipeline } from 'scriptorium';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { scriptServer } from '../../support/script-server.js';
import { answers, delta, DONE, finish, SSE_HEAD, chunk, LAST_CHUNK } from '../../support/wire.js';
import { textOf } from '../../support/pipelines.js';
import { aFile, bytesIn, cassetteIn, courseOf, NOWHERE, recording, replaying } from './cassettes.js';
import type { Session } from './cassettes.js';

/** Records generations over an emulator, closes it, and replays them. */
async function both(
  inputs: readonly GenerationInput[],
  {
    emulator: settings,
    script,
    ...session
  }: Session & { readonly emulator?: EmulatorOptions; readonly script?: (emulator: Emulator) => void } = {},
) {
  const [file, emulator] = [aFile(), await startEmulator({ words: 30, ...settings })];
  script?.(emulator);
  const all = async (pipeline: Pipeline) => {
    const courses = [];
    for (const input of inputs) courses.push(await courseOf(pipeline, input));
    return courses;
  };
  const recorded = await recording({ url: emulator.url, file }, all, session).finally(() => emulator.close());
  const replayed = await replaying(file, all, session);
  return { recorded, replayed, file, requests: emulator.requests };
}

describe('a cassette', () => {
  it.each(['sse', 'json'] as const)('replays a generation (%s) without a server: the same events', async (wire) => {
    const { recorded, replayed, file } = await both([{ prompt: 'Begin.', wire }]);
    expect(recorded[0]!.error).toBeUndefined();
    expect(recorded[0]!.events.length).toBeGreaterThan(2);
    expect(replayed).toEqual(recorded);
    expect(cassetteIn(file).exchanges.map(({ end }) => end.type)).toEqual(['end']);
  });

  it('holds the request with its body, and the answer with what came when', async () => {
    const { file } = await both([{ prompt: 'Begin.', temperature: 0.5 }]);
    const {
      exchanges: [exchange],
    } = cassetteIn(file);
    expect(exchange!.request).toEqual({
      method: 'POST',
      path: '/api/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      json: expect.objectContaining({
        messages: [{ content: 'Begin.', role: 'user' }],
        model: 'a/model',
        temperature: 0.5,
        stream: true,
      }) as unknown,
    });
    expect(exchange!.response).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    const times = [exchange!.response!.atMs, ...exchange!.response!.chunks.map(({ atMs }) => atMs), exchange!.end.atMs];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every(Number.isInteger)).toBe(true);
  });

  it('replays a stream that broke off and was resumed: both of its requests', async () => {
    const { recorded, replayed, requests } = await both([{ prompt: 'Begin.', model: 'scriptorium/exact' }], {
      script: (emulator) => emulator.script({ reset: { afterDeltas: 8 } }),
      config: { plugins: { openrouter: { prefill: { 'scriptorium/exact': 'exact' } } } },
    });
    expect(requests).toHaveLength(2);
    expect(recorded[0]!.events).toContainEqual(
      expect.objectContaining({ type: 'continuation', reason: 'interrupted' }),
    );
    expect(recorded[0]!.error).toBeUndefined();
    expect(replayed).toEqual(recorded);
  });

  it('replays the retries of a 503 in their order', async () => {
    const { recorded, replayed, file } = await both([{ prompt: 'Begin.' }], {
      script: (emulator) => emulator.script({ status: 503 }, { status: 502 }),
    });
    expect(cassetteIn(file).exchanges.map(({ response }) => response?.status)).toEqual([503, 502, 200]);
    expect(recorded[0]!.events).toContainEqual(
      expect.objectContaining({ type: 'retry-scheduled', reason: 'overloaded' }),
    );
    expect(replayed).toEqual(recorded);
  });

  it.each([
    ['a refusal', { status: 402 }],
    ['a connection that is reset before the answer', { reset: 'before-headers' }],
    ['a stream that is reset', { reset: { afterDeltas: 3 } }],
    ['a stream that ends too early', { truncate: { afterDeltas: 3 } }],
    ['an error in the stream', { errorChunk: { afterDeltas: 2 } }],
    ['a page of HTML', { html: true }],
    ['an empty answer', { empty: true }],
  ] as const)('replays %s as that same failure', async (_, fault) => {
    const { recorded, replayed } = await both(
      [{ prompt: 'Begin.', overrides: { retry: { maxAttempts: 1 }, continuity: { onBreak: 'fail' } } }],
      { script: (emulator) => emulator.script(fault) },
    );
    expect(recorded[0]!.error).toBeDefined();
    expect(replayed).toEqual(recorded);
  });

  it('replays a refused connection', async () => {
    const file = aFile();
    const run = (pipeline: Pipeline) =>
      courseOf(pipeline, { prompt: 'Begin.', overrides: { retry: { maxAttempts: 1 } } });
    const recorded = await recording({ url: NOWHERE, file }, run);
    expect(recorded.error).toMatchObject({ code: 'connection', neverSent: true });
    expect(cassetteIn(file).exchanges).toHaveLength(2);
    expect(cassetteIn(file).exchanges[0]).toMatchObject({ connected: false, end: { type: 'error' } });
    expect(await replaying(file, run)).toEqual(recorded);
  });

  it('replays a stalled answer as the same timeout, and the attempt after it', async () => {
    const { recorded, replayed, file } = await both(
      [{ prompt: 'Begin.', overrides: { timeouts: { firstTokenMs: 40 } } }],
      { script: (emulator) => emulator.script({ stall: 'after-headers' }) },
    );
    expect(cassetteIn(file).exchanges.map(({ end }) => end.type)).toEqual(['aborted', 'end']);
    expect(recorded[0]!.events).toContainEqual(expect.objectContaining({ type: 'retry-scheduled', reason: 'timeout' }));
    expect(replayed).toEqual(recorded);
  });

  it('replays to a reader who leaves what it had read', async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 200, tokensPerSecond: 500 })];
    const leave = (pipeline: Pipeline) => courseOf(pipeline, { prompt: 'Begin.' }, 6);
    const recorded = await recording({ url: emulator.url, file }, leave).finally(() => emulator.close());
    expect(cassetteIn(file).exchanges.map(({ end }) => end.type)).toEqual(['aborted']);
    expect(await replaying(file, leave)).toEqual(recorded);
  });

  it('replays an aborted generation as that', async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 200, tokensPerSecond: 500 })];
    const abort = (pipeline: Pipeline) => {
      const controller = new AbortController();
      const course = courseOf(pipeline, { prompt: 'Begin.', signal: controller.signal });
      pipeline.generations$.subscribe(({ event }) => {
        if (event.type === 'text-delta') controller.abort();
      });
      return course;
    };
    const recorded = await recording({ url: emulator.url, file }, abort).finally(() => emulator.close());
    expect(recorded.error).toMatchObject({ code: 'aborted' });
    expect(await replaying(file, abort)).toEqual(recorded);
  });

  it('replays what is no generation: the models and the account', async () => {
    const [file, emulator] = [aFile(), await startEmulator()];
    /** When the list was fetched is each run's own. */
    const modelsOf = async (pipeline: Pipeline) => (await pipeline.models()).map((model) => ({ ...model, asOf: 0 }));
    const look = async (pipeline: Pipeline) => [await modelsOf(pipeline), await pipeline.key()] as const;
    const recorded = await recording({ url: emulator.url, file }, look).finally(() => emulator.close());
    expect(await replaying(file, look)).toEqual(recorded);
    expect(cassetteIn(file).exchanges.map(({ request }) => `${request.method} ${request.path}`)).toEqual([
      'GET /api/v1/models',
      'GET /api/v1/key',
    ]);
  });

  it('keeps characters whose bytes are split among chunks', async () => {
    const text = 'Zwölf Boxkämpfer 🥊 jagten Öl über 橋.';
    const body = Buffer.from(delta(text) + finish() + DONE);
    const pieces = [...body].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
    );
    const server = await scriptServer([
      { request: true },
      { write: SSE_HEAD },
      ...pieces.map((write) => ({ slices: write, size: 4 })),
      { write: LAST_CHUNK },
    ]);
    const file = aFile();
    const run = async (pipeline: Pipeline) => (await pipeline.generate({ prompt: 'Begin.' })).text;
    expect(await recording({ url: server.url, file }, run).finally(() => server.close())).toBe(text);
    expect(cassetteIn(file).exchanges[0]!.response!.chunks.some((piece) => 'base64' in piece)).toBe(true);
    expect(bytesIn(file)).toEqual(body);
    expect(await replaying(file, run)).toBe(text);
  });

  it('keeps bytes that are no text', async () => {
    const body = Buffer.concat([
      Buffer.from(': a comment of '),
      Buffer.from([0xff, 0x00, 0xfe, 0xc3, 0x28]),
      Buffer.from(`\n\n${delta('Once.')}${finish()}${DONE}`),
    ]);
    const server = await scriptServer([
      { request: true },
      {
        write: Buffer.concat([
          Buffer.from(`${SSE_HEAD}${body.length.toString(16)}\r\n`),
          body,
          Buffer.from(`\r\n${LAST_CHUNK}`),
        ]),
      },
    ]);
    const file = aFile();
    await recording({ url: server.url, file }, (pipeline) => courseOf(pipeline)).finally(() => server.close());
    expect(bytesIn(file)).toEqual(body);
  });

  it('matches equal requests in the order of their arrival, also at once', async () => {
    const server = await scriptServer(answers('One.'), answers('Two.'), answers('Three.'));
    const file = aFile();
    const three = (pipeline: Pipeline) =>
      Promise.all([1, 2, 3].map(async () => textOf((await courseOf(pipeline)).events as readonly GenerationEvent[])));
    const recorded = await recording({ url: server.url, file }, three).finally(() => server.close());
    expect([...recorded].sort()).toEqual(['One.', 'Three.', 'Two.']);
    expect(await replaying(file, three)).toEqual(recorded);
  });

  it('matches different requests at once by what they ask', async () => {
    const prompts = ['One', 'Two', 'Three', 'Four'];
    const [file, emulator] = [aFile(), await startEmulator({ words: 20 })];
    const ask = (order: readonly string[]) => async (pipeline: Pipeline) =>
      Object.fromEntries(
        await Promise.all(order.map(async (prompt) => [prompt, (await pipeline.generate({ prompt })).text] as const)),
      );
    const recorded = await recording({ url: emulator.url, file }, ask(prompts)).finally(() => emulator.close());
    expect(new Set(Object.values(recorded)).size).toBe(4);
    expect(await replaying(file, ask([...prompts].reverse()))).toEqual(recorded);
    expect(
      cassetteIn(file).exchanges.map(
        ({ request }) => (request.json as { messages: [{ content: string }] }).messages[0].content,
      ),
    ).toEqual(prompts);
  });

  it('is whole though the pipeline is closed with the last word, before the connection has said that it was the last', async () => {
    const server = await scriptServer([
      { request: true },
      { write: SSE_HEAD + chunk(delta('Once.') + finish() + DONE) },
      { wait: 30 },
      { write: LAST_CHUNK },
    ]);
    const file = aFile();
    await recording({ url: server.url, file }, (pipeline) => pipeline.generate({ prompt: 'Begin.' })).finally(() =>
      server.close(),
    );
    expect(cassetteIn(file).exchanges.map(({ end }) => end.type)).toEqual(['end']);
  });

  it('is a new one each time it is recorded', async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 5 })];
    for (const prompt of ['One', 'Two'])
      await recording({ url: emulator.url, file }, (pipeline) => pipeline.generate({ prompt }));
    await recording({ url: emulator.url, file }, () => Promise.resolve());
    await emulator.close();
    expect(cassetteIn(file).exchanges).toHaveLength(1);
    await replaying(file, (pipeline) => pipeline.generate({ prompt: 'Two' }));
  });
});
