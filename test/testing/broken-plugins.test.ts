import { afterEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { tokens } from 'scriptorium';
import type { Clock, GenerationInput, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { InterceptorDefinition, Logger, Plugin, Stat, StatSink } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { failureOf, pipelineTo, textOf } from '../support/pipelines.js';
import { scriptServer } from '../support/script-server.js';
import type { ScriptServer, Step } from '../support/script-server.js';
import { answers, chunk, delta, SSE_HEAD } from '../support/wire.js';
import { BROKEN_INTERCEPTORS, BROKEN_SINKS } from './broken-plugins.js';

/** Says a word, and then nothing more. */
const HALF: readonly Step[] = [
  { request: true },
  { write: SSE_HEAD },
  { write: chunk(delta('Once')) },
  { stall: true },
];
const WHOLE = answers('Once upon a time.');

const open: { readonly pipeline: Pipeline; readonly server: ScriptServer }[] = [];
afterEach(async () => {
  for (const { pipeline, server } of open.splice(0)) {
    await pipeline.dispose();
    await server.close();
  }
});

/** A real pipeline with this plugin, and a server that says this. @param clock the pipeline's; by default the machine's */
async function sceneOf(plugin: Plugin, script: readonly Step[], clock?: Clock) {
  const server = await scriptServer(script);
  const stats: Stat[] = [];
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const logger: Logger = { debug: silent, info: silent, error: silent, warn: (message) => void warnings.push(message) };
  const memory = definePlugin({
    name: 'memory',
    apiVersion: 1,
    setup: (host) => host.addStatSink({ name: 'memory', record: (stat) => void stats.push(stat) }),
  });
  const pipeline = await pipelineTo(
    server.url,
    {},
    {
      isBare: true,
      plugins: [plugin, memory],
      register: (container) => {
        container.register(tokens.LOGGER, { useValue: logger });
        if (clock !== undefined) container.register(tokens.CLOCK, { useValue: clock });
      },
    },
  );
  open.push({ pipeline, server });
  return { pipeline, server, stats, warnings };
}

const withInterceptor = (broken: InterceptorDefinition): Plugin =>
  definePlugin({ name: 'broken', apiVersion: 1, setup: (host) => host.addInterceptor(broken) });
const withSink = (broken: StatSink): Plugin =>
  definePlugin({ name: 'broken', apiVersion: 1, setup: (host) => host.addStatSink(broken) });

/** Reads one generation to its first text, leaves it, and waits until its server has seen that. */
async function leave(pipeline: Pipeline, server: ScriptServer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const subscription = pipeline.stream({ prompt: 'Begin.' }).subscribe({
      next: ({ type }) => {
        if (type !== 'text-delta') return;
        queueMicrotask(() => {
          subscription.unsubscribe();
          resolve();
        });
      },
      error: reject,
    });
  });
  await eventually(() => server.openSockets() === 0);
}

describe('in a pipeline, an interceptor', () => {
  it('that never asks is reported by its name: the answer is not whole', async () => {
    const { pipeline, server } = await sceneOf(withInterceptor(BROKEN_INTERCEPTORS.neverAsks), WHOLE);
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(error).toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/^The interceptor "never-asks" completed its stream without generation-end/),
    });
    expect(server.requests).toHaveLength(0);
  });

  it('that asks twice is harmless: nothing is sent once the answer is whole', async () => {
    const { pipeline, server } = await sceneOf(withInterceptor(BROKEN_INTERCEPTORS.asksTwice), WHOLE);
    const { text, attempts } = await pipeline.generate({ prompt: 'Begin.' });
    expect([text, attempts.length, server.requests.length]).toEqual(['Once upon a time.', 1, 1]);
  });

  it("that changes the request is reported, and the caller's own objects are as they were", async () => {
    const { pipeline, server } = await sceneOf(withInterceptor(BROKEN_INTERCEPTORS.mutates), WHOLE);
    const input: GenerationInput = { messages: [{ role: 'user', content: 'Begin.' }] };
    expect(await failureOf(pipeline.generate(input))).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('not extensible'),
      cause: expect.any(TypeError),
    });
    expect(input).toEqual({ messages: [{ role: 'user', content: 'Begin.' }] });
    expect(server.requests).toHaveLength(0);
  });

  it.each(['swallowsUnsubscription', 'startsEarly'] as const)(
    'that is broken (%s) is harmless to who leaves: every socket is closed, and every attempt counted',
    async (broken) => {
      const { pipeline, server, stats } = await sceneOf(withInterceptor(BROKEN_INTERCEPTORS[broken]), HALF);
      await leave(pipeline, server);
      const attempts = stats.flatMap((stat) => (stat.type === 'attempt-end' ? [stat.outcome] : []));
      expect(attempts).toEqual(server.requests.map(() => 'cancelled'));
      expect(stats.at(-1)).toMatchObject({ type: 'generation-end', outcome: 'cancelled', attempts: attempts.length });
    },
  );

  it('that subscribes aside and once more is reported by its name, and no second request is made', async () => {
    const { pipeline, server, stats } = await sceneOf(withInterceptor(BROKEN_INTERCEPTORS.leaksSubscription), WHOLE);
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/^The interceptor "leaks" subscribed to next while its earlier subscription/),
    });
    await eventually(() => server.openSockets() === 0);
    expect(server.requests.length).toBeLessThanOrEqual(1);
    expect(stats.map((stat) => stat.type)).toEqual(['attempt-end', 'generation-end']);
  });

  it('that starts early starts nothing before somebody subscribes', async () => {
    const { pipeline, server } = await sceneOf(withInterceptor(BROKEN_INTERCEPTORS.startsEarly), WHOLE);
    const stream = pipeline.stream({ prompt: 'Begin.' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.connections).toBe(0);
    expect(textOf(await lastValueFrom(stream.pipe(toArray())))).toBe('Once upon a time.');
  });
});

describe('in a pipeline, a sink', () => {
  it.each<[string, (clock: ManualClock) => StatSink, RegExp]>([
    ['throws', () => BROKEN_SINKS.throws, /stat sink "throws" threw/],
    ['rejects', () => BROKEN_SINKS.rejects, /stat sink "rejects" rejected/],
    ['takes long', (clock) => ({ name: 'is-slow', record: () => clock.advance(30) }), /stat sink "is-slow" took 30 ms/],
  ])('that %s is harmless, and reported once in the log', async (_what, broken, warning) => {
    const clock = new ManualClock();
    const { pipeline, stats, warnings } = await sceneOf(withSink(broken(clock)), WHOLE, clock);
    for (let call = 0; call < 2; call += 1)
      expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('Once upon a time.');
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(stats.map(({ type }) => type)).toEqual(['attempt-end', 'generation-end', 'attempt-end', 'generation-end']);
  });
});
