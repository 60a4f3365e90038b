import { subscribe as listenTo, unsubscribe as stopListening } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { Subscription } from 'rxjs';
import { AbortError } from 'scriptorium';
import type { GenerationError, GenerationEvent, GenerationInput, Pipeline } from 'scriptorium';
import { checkGrammar } from 'scriptorium/testing';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { failureOf } from '../support/pipelines.js';
import { aScene, failure, success } from '../support/scene.js';
import type { Scene } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { inScene, inWorld, streams } from '../support/simulated-scene.js';
import { until } from '../support/simulated-writer.js';
import { answers, chunk, delta, head, refuses, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const SILENT: readonly Step[] = [{ request: true }, { stall: true }];
const HEADERS_ONLY: readonly Step[] = [{ request: true }, { write: SSE_HEAD }, { stall: true }];
const HALF: readonly Step[] = [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }];
const TEXT_AFTER_TEXT: readonly Step[] = [{ request: true }, { write: SSE_HEAD }, { flood: chunk(delta('word ')) }];
const ERROR_BODY: readonly Step[] = [
  { request: true },
  { write: head('503 Service Unavailable', ['content-length: 100']) },
  { stall: true },
];
const NEVER_SECURE: readonly Step[] = [{ stall: true }];

/** One generation that can be watched while it runs. */
interface Watched {
  readonly events: GenerationEvent[];
  readonly errors: GenerationError[];
  completed: boolean;
  readonly subscription: Subscription;
}

function watching(
  pipeline: Pipeline,
  input: GenerationInput = { prompt: 'Begin.' },
  onEvent: (event: GenerationEvent) => void = () => undefined,
): Watched {
  const seen = { events: [] as GenerationEvent[], errors: [] as GenerationError[], completed: false };
  const subscription = pipeline
    .stream(input)
    .pipe(checkGrammar())
    .subscribe({
      next: (event) => {
        seen.events.push(event);
        onEvent(event);
      },
      error: (error) => seen.errors.push(error as GenerationError),
      complete: () => {
        seen.completed = true;
      },
    });
  return Object.assign(seen, { subscription });
}

const has = (watched: Watched, type: GenerationEvent['type']) => () =>
  watched.events.some((event) => event.type === type);

interface State {
  readonly rows: string;
  readonly state: string;
  readonly script: readonly Step[];
  readonly secure?: true;
  readonly isReached: (scene: Scene, watched: Watched) => boolean;
}

const STATES: readonly State[] = [
  {
    rows: '97',
    state: 'while the connection is made secure',
    script: NEVER_SECURE,
    secure: true,
    isReached: ({ server }) => server.openSockets() === 1,
  },
  {
    rows: '97',
    state: 'while the headers are awaited',
    script: SILENT,
    isReached: ({ server }) => server.requests.length === 1,
  },
  {
    rows: '97',
    state: 'while the body of an error is read',
    script: ERROR_BODY,
    isReached: ({ server }) => server.requests.length === 1,
  },
  {
    rows: '98',
    state: 'between the headers and the first word',
    script: HEADERS_ONLY,
    isReached: ({ server }) => server.requests.length === 1,
  },
  { rows: '98', state: 'mid-stream', script: HALF, isReached: (_, watched) => has(watched, 'text-delta')() },
];

async function sceneIn({ script, secure }: State, clock?: CountingClock): Promise<Scene> {
  const scene = await aScene([script, GOOD], clock && { clock });
  if (secure === undefined) return scene;
  return {
    ...scene,
    pipeline: (
      await aScene([GOOD], {
        config: { plugins: { openrouter: { baseUrl: `https://127.0.0.1:${scene.server.port}` } } },
        clock: scene.clock,
      })
    ).pipeline,
  };
}

describe('leaving a generation', () => {
  it.each(STATES)('$rows: $state closes the socket in silence, without waiting for a timer', async (state) => {
    const scene = await sceneIn(state, CountingClock.still());
    const watched = watching(scene.pipeline);
    await eventually(() => state.isReached(scene, watched));
    const seen = watched.events.length;
    watched.subscription.unsubscribe();
    await eventually(() => scene.clock.pending === 0 && scene.server.closes.length === 1);
    expect({ more: watched.events.length - seen, errors: watched.errors, completed: watched.completed }).toEqual({
      more: 0,
      errors: [],
      completed: false,
    });
    expect(scene.server.requests).toHaveLength(state.secure === undefined ? 1 : 0);
  });

  it.each(STATES)('$rows: $state by a signal is an AbortError, and the socket is closed', async (state) => {
    const scene = await sceneIn(state);
    const controller = new AbortController();
    const watched = watching(scene.pipeline, { prompt: 'Begin.', signal: controller.signal });
    await eventually(() => state.isReached(scene, watched));
    controller.abort(new Error('enough'));
    expect(watched.errors).toMatchObject([
      { name: 'AbortError', code: 'aborted', retryable: false, attempts: [{ outcome: 'cancelled' }] },
    ]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await eventually(() => scene.clock.pending === 0 && scene.server.closes.length === 1);
  });

  it('98: keeps what had been delivered', async () => {
    const { pipeline, server, sink } = await aScene([HALF]);
    const controller = new AbortController();
    const watched = watching(pipeline, { prompt: 'Begin.', signal: controller.signal }, ({ type }) => {
      if (type === 'text-delta') controller.abort();
    });
    await eventually(() => watched.errors.length === 1);
    expect(watched.errors[0]).toBeInstanceOf(AbortError);
    expect(watched.errors[0]!.partial).toEqual({
      text: 'Once ',
      usage: { inputTokens: 2, outputTokens: 2, source: 'estimated' },
      toolCallsOpen: false,
    });
    expect(sink.generations).toMatchObject([{ outcome: 'cancelled', attempts: 1, usage: { source: 'estimated' } }]);
    await eventually(() => server.openSockets() === 0);
  });

  it('98: from inside an event stops at that event, though more had arrived with it', async () => {
    const { pipeline, server, clock } = await aScene([TEXT_AFTER_TEXT]);
    const texts: string[] = [];
    const subscription = pipeline.text({ prompt: 'Begin.' }).subscribe((text) => {
      texts.push(text);
      if (texts.length === 3) subscription.unsubscribe();
    });
    await eventually(() => server.closes.length === 1);
    expect(texts).toEqual(['word ', 'word ', 'word ']);
    expect(clock.pending).toBe(0);
  });

  it.each(['unsubscribing', 'a signal'])('98: by %s on hearing the first event makes no request', async (means) => {
    const { pipeline, server, clock, sink } = await aScene([GOOD]);
    const controller = new AbortController();
    if (means === 'unsubscribing')
      expect(await firstValueFrom(pipeline.stream({ prompt: 'Begin.' }))).toMatchObject({ type: 'attempt-start' });
    else
      expect(
        watching(pipeline, { prompt: 'Begin.', signal: controller.signal }, () => controller.abort()).errors,
      ).toMatchObject([{ code: 'aborted' }]);
    expect(clock.pending).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.connections).toBe(0);
    expect(sink.generations).toMatchObject([{ outcome: 'cancelled', attempts: 1 }]);
  });
});

describe('the socket', () => {
  const sockets: Socket[] = [];
  const remember = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);

  afterEach(() => {
    stopListening('net.client.socket', remember);
    sockets.length = 0;
  });

  it.each([
    ['awaiting headers', SILENT],
    ['mid-stream', HALF],
  ] as const)('97, 98: is destroyed in the same tick as the unsubscribing (%s)', async (_, script) => {
    listenTo('net.client.socket', remember);
    const { pipeline, server } = await aScene([script]);
    const watched = watching(pipeline);
    await eventually(() => server.requests.length === 1 && (script === SILENT || has(watched, 'text-delta')()));
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
    watched.subscription.unsubscribe();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });
});

describe('before anything is sent', () => {
  it('94: a stream that nobody subscribes to makes no request', async () => {
    const { pipeline, server, sink } = await aScene([GOOD]);
    pipeline.stream({ prompt: 'Begin.' });
    pipeline.text({ prompt: 'Begin.' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect({ connections: server.connections, stats: sink.stats }).toEqual({ connections: 0, stats: [] });
  });

  it('94: a signal that is already aborted makes no request', async () => {
    const { pipeline, server, sink } = await aScene([GOOD]);
    const signal = AbortSignal.abort();
    const { error, events } = await failure(pipeline, { prompt: 'Begin.', signal });
    await expect(pipeline.generate({ prompt: 'Begin.', signal })).rejects.toBeInstanceOf(AbortError);
    expect(error).toBeInstanceOf(AbortError);
    expect({ events, attempts: error.attempts, connections: server.connections }).toEqual({
      events: [],
      attempts: [],
      connections: 0,
    });
    expect(sink.generations).toMatchObject([
      { outcome: 'cancelled', attempts: 0 },
      { outcome: 'cancelled', attempts: 0 },
    ]);
  });

  it(
    '95: leaving the queue of the rate limit sends nothing, and the next one moves up',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [streams('Once upon a time.')], config: { rateLimit: { minIntervalMs: 600 } } },
        async ({ pipeline, server }) => {
          await success(pipeline);
          const second = watching(pipeline);
          const third = watching(pipeline);
          expect([has(second, 'waiting')(), has(third, 'waiting')()]).toEqual([true, true]);
          second.subscription.unsubscribe();
          await until(world, () => third.completed);
          expect(server.arrivals.map((at) => at - server.arrivals[0]!)).toEqual([0, 600]);
          expect(second.events.map(({ type }) => type)).toEqual(['waiting']);
        },
      ),
    ),
  );

  it('95: an aborted wait in the queue leaves no timer behind', async () => {
    const { pipeline, clock, sink, server } = await aScene([GOOD], {
      config: { rateLimit: { minIntervalMs: 60_000 } },
    });
    await success(pipeline);
    await eventually(() => clock.pending === 0);
    const controller = new AbortController();
    const work = pipeline.generate({ prompt: 'Begin.', signal: controller.signal });
    expect(clock.pending).toBe(1);
    controller.abort();
    expect(clock.pending).toBe(0);
    expect(await failureOf(work)).toMatchObject({ code: 'aborted', attempts: [] });
    expect({ requests: server.requests.length, last: sink.generations.at(-1)?.outcome }).toEqual({
      requests: 1,
      last: 'cancelled',
    });
  });

  it('95: a permit that was not used is given back', async () => {
    const { pipeline, server } = await aScene([GOOD], { config: { rateLimit: { requestsPerMinute: 1 } } });
    await firstValueFrom(pipeline.stream({ prompt: 'Begin.' }));
    expect((await success(pipeline)).text).toBe('Once upon a time.');
    expect(server.connections).toBe(1);
  });

  it.each(['unsubscribing', 'a signal'])(
    '96: leaving a backoff by %s ends at once, clears the timer and sends nothing more',
    async (means) => {
      const { pipeline, server, clock, sink } = await aScene([refuses('503 Service Unavailable'), GOOD], {
        config: { retry: { baseMs: 60_000, capMs: 60_000, jitter: 'none' } },
      });
      const controller = new AbortController();
      const watched = watching(pipeline, { prompt: 'Begin.', signal: controller.signal });
      await eventually(has(watched, 'retry-scheduled'));
      expect(clock.pending).toBe(1);
      if (means === 'a signal') controller.abort();
      else watched.subscription.unsubscribe();
      expect(clock.pending).toBe(0);
      expect(watched.errors.map(({ code }) => code)).toEqual(means === 'a signal' ? ['aborted'] : []);
      expect({ requests: server.requests.length, outcomes: sink.generations.map(({ outcome }) => outcome) }).toEqual({
        requests: 1,
        outcomes: ['cancelled'],
      });
    },
  );
});

describe('when all is over', () => {
  it('100: leaving, twice, and a late signal change nothing', async () => {
    const { pipeline, sink, server } = await aScene([GOOD]);
    const controller = new AbortController();
    const watched = watching(pipeline, { prompt: 'Begin.', signal: controller.signal });
    await eventually(() => watched.completed);
    const seen = watched.events.length;
    watched.subscription.unsubscribe();
    watched.subscription.unsubscribe();
    controller.abort();
    expect({
      events: watched.events.length,
      errors: watched.errors,
      outcomes: sink.generations.map(({ outcome }) => outcome),
    }).toEqual({ events: seen, errors: [], outcomes: ['success'] });
    expect((await success(pipeline)).text).toBe('Once upon a time.');
    expect(server.connections).toBe(1);
  });

  it('100: cancelling a run twice, or after its end, changes nothing', async () => {
    const { pipeline, sink } = await aScene([GOOD]);
    const cut = pipeline.start({ prompt: 'Begin.' });
    cut.cancel();
    cut.cancel();
    expect(await failureOf(cut.result)).toBeInstanceOf(AbortError);
    const whole = pipeline.start({ prompt: 'Begin.' });
    expect((await whole.result).text).toBe('Once upon a time.');
    whole.cancel();
    expect((await whole.result).text).toBe('Once upon a time.');
    expect(sink.generations.map(({ outcome }) => outcome)).toEqual(['cancelled', 'success']);
  });
});
