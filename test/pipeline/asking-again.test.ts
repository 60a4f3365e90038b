import { describe, expect, it } from '@jest/globals';
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  retry,
  timer,
  toArray,
} from 'rxjs';
import { GenerationError, PHASES, tokens } from 'scriptorium';
import type { GenerationEvent, Interceptor, Phase } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import type { World } from 'scriptorium/testing';
import { anEnd } from '../support/an-end.js';
import { failureOf } from '../support/pipelines.js';
import { inWorld } from '../support/simulated-scene.js';
import { stopped } from '../support/simulated-writer.js';

const END = anEnd();
const text = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });
const SECOND = 'It was a bright cold day in April when the second draft';
/** Milliseconds of silence: less than ten minutes. */
const END_AFTER = 540_000;
const lost = (): never => {
  throw new GenerationError('connection', 'The connection broke.', { retryable: true });
};

/** One answer a request, and the texts that requests ask to continue. */
function mine(answers: readonly Observable<GenerationEvent>[], continued: string[]): Plugin {
  let requests = 0;
  return definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) =>
      host.addProvider({
        id: 'mine',
        capabilities: () => ({ prefill: 'exact' }),
        generate: ({ continuation }) => {
          if (continuation !== undefined) continued.push(continuation.text + continuation.anchor);
          return answers[requests++] ?? EMPTY;
        },
      }),
  });
}

async function scene(
  world: World,
  {
    phase,
    intercept,
    answers,
  }: { phase: Phase; intercept: Interceptor; answers: readonly Observable<GenerationEvent>[] },
) {
  const continued: string[] = [];
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const logger = { debug: () => undefined, info: () => undefined, warn, error: warn };
  const process = await world.process('writer', {
    plugins: [mine(answers, continued)],
    interceptors: [{ name: 'mine', phase, intercept }],
    config: { defaults: { model: 'm' }, retry: { baseMs: 1, capMs: 1 }, concurrency: { max: 1 } },
    register: (container) => container.register(tokens.LOGGER, { useValue: logger }),
  });
  return { process, pipeline: process.pipeline, continued, warnings };
}

/** Reads a whole answer, and asks for another one in its place. */
const secondDraft: Interceptor = (request, next) =>
  next(request).pipe(
    toArray(),
    concatMap(() => next(request)),
  );

describe('an interceptor that asks again', () => {
  it(
    'may do so after a whole answer: a break in the second one is continued from that one alone',
    inWorld(async (world) => {
      const answers = [
        of(text('The first draft of a chapter about whales.'), END),
        concat(of(text(SECOND)), defer(lost)),
        of(text(' of the chapter.'), END),
      ];
      const { process, pipeline, continued } = await scene(world, {
        phase: 'prepare',
        intercept: secondDraft,
        answers,
      });
      const result = await pipeline.generate({ prompt: 'Begin.' });
      expect({ text: result.text, attempts: result.attempts.length, continued }).toEqual({
        text: `${SECOND} of the chapter.`,
        attempts: 3,
        continued: [SECOND],
      });
      await stopped(world, process);
    }),
  );

  it.each(['admit', 'attempt'] as const)('fails its generation inside an attempt, which is one request (%s)', (phase) =>
    inWorld(async (world) => {
      const intercept: Interceptor = (request, next) => next(request).pipe(retry(2));
      const answers = [defer(lost), of(text('Once.'), END)];
      const { process, pipeline } = await scene(world, { phase, intercept, answers });
      const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
      expect(error).toMatchObject({ code: 'internal', attempts: [{ attempt: 1 }] });
      expect(error.message).toMatch(/^The interceptor "mine" subscribed to next twice in one attempt/);
      await stopped(world, process);
    })(),
  );

  it.each(PHASES.filter((phase) => phase !== 'admit' && phase !== 'attempt'))(
    'may judge an answer at its end, and ask again at once (%s)',
    (phase) =>
      inWorld(async (world) => {
        const intercept: Interceptor = (request, next) => {
          let isFirst = true;
          return next(request).pipe(
            mergeMap((event) => {
              if (event.type !== 'generation-end' || !isFirst) return of(event);
              isFirst = false;
              return concat(of<GenerationEvent>({ type: 'restart', reason: 'malformed-answer' }), next(request));
            }),
          );
        };
        const answers = [
          concat(of(text('A bad draft.'), END), timer(10).pipe(ignoreElements())),
          of(text(SECOND), END),
        ];
        const { process, pipeline } = await scene(world, { phase, intercept, answers });
        const result = await pipeline.generate({ prompt: 'Begin.' });
        expect({
          text: result.text,
          usage: result.usage,
          outcomes: result.attempts.map((each) => each.outcome),
        }).toEqual({
          text: SECOND,
          usage: { inputTokens: 14, outputTokens: 6, source: 'reported' },
          outcomes: ['success', 'success'],
        });
        await stopped(world, process);
        expect(process.leases).toBe(0);
      })(),
  );

  it(
    'has ten minutes between a failure and its next question, and as many after each event',
    inWorld(async (world) => {
      const intercept: Interceptor = (request, next) =>
        next(request).pipe(
          catchError(() =>
            concat(
              timer(END_AFTER).pipe(map((): GenerationEvent => ({ type: 'waiting', for: 'quota' }))),
              timer(END_AFTER).pipe(mergeMap(() => next(request))),
            ),
          ),
        );
      const answers = [...Array.from({ length: 4 }, () => defer(lost)), of(text('Once.'), END)];
      const { process, pipeline } = await scene(world, { phase: 'prepare', intercept, answers });
      expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('Once.');
      await stopped(world, process);
    }),
  );

  it(
    'does not keep its caller for ever after a failure',
    inWorld(async (world) => {
      const intercept: Interceptor = (request, next) => next(request).pipe(catchError(() => NEVER));
      const refused = defer((): never => {
        throw new GenerationError('bad-request', 'The prompt is not valid.');
      });
      const { process, pipeline } = await scene(world, { phase: 'prepare', intercept, answers: [refused] });
      const begunAt = world.elapsedMs;
      const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
      expect({ code: error.code, attempts: error.attempts.length, afterMs: world.elapsedMs - begunAt }).toEqual({
        code: 'internal',
        attempts: 1,
        afterMs: 600_000,
      });
      await stopped(world, process);
    }),
  );
});

describe('text() behind an interceptor that restarts', () => {
  const restarts =
    (isHeldBack: boolean): Interceptor =>
    (request, next) =>
      concat(
        next(request).pipe(filter(({ type }) => !isHeldBack && type === 'text-delta')),
        of<GenerationEvent>({ type: 'restart', reason: 'malformed-answer' }),
        next(request),
      );
  const answers = [of(text('A bad draft.'), END), of(text(SECOND), END)];

  it(
    'fails instead of joining the void text with the one in its place, and its stat says so',
    inWorld(async (world) => {
      const { process, pipeline } = await scene(world, { phase: 'prepare', intercept: restarts(false), answers });
      const pieces: string[] = [];
      const error = await failureOf(pipeline.text({ prompt: 'Begin.' }).forEach((piece) => void pieces.push(piece)));
      expect({ pieces, code: error.code, partial: error.partial?.text, attempts: error.attempts.length }).toEqual({
        pieces: ['A bad draft.'],
        code: 'interrupted',
        partial: 'A bad draft.',
        attempts: 1,
      });
      expect(pipeline.stats()).toMatchObject({ failed: 1, successful: 0, cancelled: 0 });
      await stopped(world, process);
    }),
  );

  it(
    'has the text of the second answer where nothing of the first was handed over',
    inWorld(async (world) => {
      const { process, pipeline } = await scene(world, { phase: 'prepare', intercept: restarts(true), answers });
      const pieces: string[] = [];
      await pipeline.text({ prompt: 'Begin.' }).forEach((piece) => void pieces.push(piece));
      expect(pieces).toEqual([SECOND]);
      await stopped(world, process);
    }),
  );
});

describe('an interceptor that throws in a handler after its end', () => {
  it(
    'is reported once, and its answers are whole',
    inWorld(async (world) => {
      const intercept: Interceptor = (request, next) =>
        new Observable((subscriber) =>
          next(request).subscribe({
            next: (event) => subscriber.next(event),
            complete: () => {
              subscriber.complete();
              throw new Error('torn');
            },
          }),
        );
      const answers = [of(text('One.'), END), of(text('Two.'), END)];
      const { process, pipeline, warnings } = await scene(world, { phase: 'prepare', intercept, answers });
      for (const whole of ['One.', 'Two.']) expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe(whole);
      expect(warnings).toEqual([expect.stringContaining('"mine" threw in a handler after its end')]);
      await stopped(world, process);
    }),
  );
});

describe('an interceptor that holds an answer back', () => {
  it(
    'has ten minutes of silence after the answer, and as many after each event',
    inWorld(async (world) => {
      const slow: Interceptor = (request, next) =>
        concat(
          next(request).pipe(ignoreElements()),
          ...['A ', 'slow ', 'text.'].map((delta) => timer(END_AFTER).pipe(concatMap(() => of(text(delta))))),
          timer(END_AFTER).pipe(concatMap(() => of(END))),
        );
      const answers = [of(text('A text.'), END)];
      for (const phase of ['observe', 'attempt'] as const) {
        const { process, pipeline } = await scene(world, { phase, intercept: slow, answers });
        expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('A slow text.');
        await stopped(world, process);
      }
    }),
  );

  it(
    'is given up by the deadline before that, also where it asks late and stands outside of the deadline',
    inWorld(async (world) => {
      const late: Interceptor = (request, next) =>
        concat(
          timer(1_000).pipe(ignoreElements()),
          next(request).pipe(filter(({ type }) => type !== 'generation-end')),
          new Observable<GenerationEvent>(),
        );
      const answers = [of(text('A text.'), END)];
      const { process, pipeline } = await scene(world, { phase: 'observe', intercept: late, answers });
      const begunAt = world.elapsedMs;
      const error = await failureOf(pipeline.generate({ prompt: 'Begin.', deadlineMs: 60_000 }));
      expect(error).toMatchObject({ code: 'timeout', timer: 'deadline', partial: { text: 'A text.' } });
      expect(world.elapsedMs - begunAt).toBe(61_000);
      await stopped(world, process);
    }),
  );
});
