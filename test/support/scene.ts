import { afterEach, expect } from '@jest/globals';
import { GenerationError, InterruptedError, tokens } from 'scriptorium';
import type {
  AttemptRecord,
  ConfigInput,
  GenerationEvent,
  GenerationInput,
  Pipeline,
  PipelineOptions,
} from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { checkGrammar, MemorySink } from 'scriptorium/testing';
import { CountingClock } from './counting-clock.js';
import { eventually } from './eventually.js';
import { pipelineTo, textOf } from './pipelines.js';
import { scriptServer } from './script-server.js';
import type { ScriptServer, Step } from './script-server.js';
import { answers } from './wire.js';

/** A scripted server, a pipeline that knows only this server, and what can be seen of both. */
export interface Scene {
  readonly server: ScriptServer;
  readonly pipeline: Pipeline;
  readonly clock: CountingClock;
  readonly sink: MemorySink;
}

export interface SceneOptions extends Omit<PipelineOptions, 'config'> {
  readonly config?: ConfigInput;
  readonly clock?: CountingClock;
}

const open: Scene[] = [];

/** @param scripts one a request, the last one repeated */
export async function aScene(scripts: readonly (readonly Step[])[], options: SceneOptions = {}): Promise<Scene> {
  const { config = {}, clock = new CountingClock(), plugins = [], register, ...rest } = options;
  const server = await scriptServer(...scripts);
  const sink = new MemorySink();
  const memory = definePlugin({ name: 'memory', apiVersion: 1, setup: (host) => host.addStatSink(sink) });
  const building = pipelineTo(server.url, config, {
    ...rest,
    plugins: [memory, ...plugins],
    register: (container) => {
      container.register(tokens.CLOCK, { useValue: clock });
      register?.(container);
    },
  });
  // A server that is left open would keep the test process alive.
  building.catch(() => server.close());
  const pipeline = await building;
  const scene = { server, pipeline, clock, sink };
  open.push(scene);
  return scene;
}

/** After every test all is closed, and must have been: no timer runs, no socket is open, and each generation is counted once. */
afterEach(async () => {
  const scenes = open.splice(0);
  for (const { pipeline } of scenes) await pipeline.dispose();
  try {
    for (const { server, clock, sink } of scenes) {
      await eventually(() => clock.pending === 0 && server.openSockets() === 0);
      const { attempts, generations } = sink;
      expect(new Set(generations.map(({ generationId }) => generationId)).size).toBe(generations.length);
      expect(attempts).toHaveLength(generations.reduce((sum, generation) => sum + generation.attempts, 0));
    }
  } finally {
    for (const { server } of scenes) await server.close();
  }
});

/** How one generation went, as its subscriber saw it. */
export interface WatchedRun {
  readonly events: readonly GenerationEvent[];
  /** The text that was delivered. */
  readonly text: string;
  readonly error?: GenerationError;
}

/** Watches one generation to its end, whatever kind of end, and checks its grammar on the way. */
export function watch(pipeline: Pipeline, input: GenerationInput = { prompt: 'Begin.' }): Promise<WatchedRun> {
  return new Promise((resolve, reject) => {
    const events: GenerationEvent[] = [];
    const end = (error?: GenerationError): void => resolve({ events, text: textOf(events), ...(error && { error }) });
    pipeline
      .stream(input)
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => events.push(event),
        error: (error: unknown) => {
          if (GenerationError.is(error)) end(error);
          else
            reject(
              error instanceof Error ? error : new Error('Failed with something that is no error', { cause: error }),
            );
        },
        complete: () => end(),
      });
  });
}

/** One successful generation: its text, and how its attempts ended (an error's code, or `ok`). */
export async function success(
  pipeline: Pipeline,
  input?: GenerationInput,
): Promise<
  WatchedRun & {
    readonly tries: readonly string[];
    readonly end: GenerationEvent & { readonly type: 'generation-end' };
  }
> {
  const course = await watch(pipeline, input);
  if (course.error !== undefined) throw new Error('Expected an answer', { cause: course.error });
  const end = course.events.at(-1);
  if (end?.type !== 'generation-end') throw new Error('Expected an end');
  return { ...course, end, tries: triesOf(end.attempts) };
}

/** One failed generation. `cause` is there where it is a `GenerationError` too. */
export async function failure(
  pipeline: Pipeline,
  input?: GenerationInput,
): Promise<
  WatchedRun & { readonly tries: readonly string[]; readonly error: GenerationError; readonly cause?: GenerationError }
> {
  const { error, ...course } = await watch(pipeline, input);
  if (error === undefined) throw new Error(`Expected a failure, got ${JSON.stringify(course.text.slice(0, 200))}`);
  return {
    ...course,
    error,
    tries: triesOf(error.attempts),
    ...(GenerationError.is(error.cause) && { cause: error.cause }),
  };
}

/**
 * One generation that breaks off after some text, under `continuity.onBreak: 'fail'` unless the input says otherwise: it
 * ends there, what had been delivered is in the error, and no second request was made.
 */
export async function interruption(
  pipeline: Pipeline,
  input: GenerationInput = { prompt: 'Begin.' },
): Promise<Awaited<ReturnType<typeof failure>>> {
  const course = await failure(pipeline, {
    ...input,
    overrides: { ...input.overrides, continuity: { onBreak: 'fail', ...input.overrides?.continuity } },
  });
  expect(course.error).toBeInstanceOf(InterruptedError);
  expect({ code: course.error.code, partial: course.error.partial?.text, tries: course.tries.length }).toEqual({
    code: 'interrupted',
    partial: course.text,
    tries: 1,
  });
  return course;
}

/** An answer that breaks off. */
export interface Break {
  readonly script: readonly Step[];
  /** What of the text arrives before: the start of `WHOLE`. */
  readonly before: string;
  /** The code of the failure. */
  readonly code: string;
  readonly config?: ConfigInput;
}

/** The text that a resumption ends with. */
export const WHOLE = 'Once upon a time.';

/**
 * The same break with the settings as they are by default: a second request goes on from the text, and its subscriber has
 * every character once. Both kinds of models are asked: one that goes on at the very next character, and one that has to
 * bring the last words back, which for so short a text are all of it.
 */
export async function resumption({ script, before, code, config = {} }: Break): Promise<void> {
  for (const prefill of ['exact', 'instructed'] as const) {
    const isExact = prefill === 'exact';
    // A prefill ends without white space, so the model begins with it.
    const rest = isExact ? WHOLE.slice(before.trimEnd().length) : WHOLE;
    const { server, pipeline, sink } = await aScene([script, answers(rest)], {
      config: { ...config, plugins: { openrouter: { prefill: { 'a/model': prefill } } } },
    });
    const { events, text, tries } = await success(pipeline);
    const splices = events.filter(({ type }) => type === 'continuation' || type === 'restart');
    expect({ prefill, text, tries, splices }).toEqual({
      prefill,
      text: WHOLE,
      tries: [code, 'ok'],
      splices: [{ type: 'continuation', segment: 2, reason: 'interrupted', provider: 'openrouter', model: 'a/model' }],
    });
    expect(textOf(events.slice(0, events.indexOf(splices[0]!)))).toBe(before);
    const asked = { role: 'user', content: 'Begin.' };
    expect(server.requests.map(messagesOf)).toEqual([
      [asked],
      isExact ? [asked, { role: 'assistant', content: before.trimEnd() }] : [asked],
    ]);
    expect(sink.generations).toMatchObject([{ outcome: 'success', attempts: 2 }]);
  }
}

/** The messages of a request as it arrived. */
export function messagesOf(request: string): unknown {
  return (JSON.parse(request.slice(request.indexOf('\r\n\r\n'))) as { readonly messages: unknown }).messages;
}

function triesOf(attempts: readonly AttemptRecord[] = []): readonly string[] {
  return attempts.map(({ outcome, errorCode }) => errorCode ?? (outcome === 'success' ? 'ok' : outcome));
}
