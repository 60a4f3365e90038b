import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import type { ConfigInput, GenerationEvent, InterceptorDefinition, PipelineOptions } from 'scriptorium';
import type { Logger } from 'scriptorium/plugin';
import { tap } from 'rxjs';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { pipelineTo } from '../support/pipelines.js';
import { scriptServer } from '../support/script-server.js';
import type { Step } from '../support/script-server.js';
import {
  chunk,
  chunked,
  data,
  delta,
  DONE,
  finish,
  goodStream,
  head,
  LAST_CHUNK,
  refuses,
  SSE_HEAD,
  whole,
} from '../support/wire.js';
import { runs } from '../support/runs.js';

/** Each run is a generation over real sockets. */
const numRuns = runs(0.5);

const COMPLETION = whole(JSON.stringify({ choices: [{ message: { content: 'Whole.' }, finish_reason: 'stop' }] }));
const THOUGHT = data({ choices: [{ index: 0, delta: { reasoning: 'Hm.' } }] });
const HINTED = refuses('429 Too Many Requests', undefined, ['retry-after-ms: 3']);

const pieceOfStream = fc.constantFrom(
  delta('Once '),
  delta('upon '),
  THOUGHT,
  ': keep-alive\n\n',
  delta(''),
  finish(),
  finish('length', null),
  DONE,
  goodStream('One.'),
  'data: {"broken\n\n',
  data({ error: { code: 502, message: 'broke' } }),
  data({ error: { code: 400, message: 'bad' } }),
  data(42),
  'event: error\ndata: {}\n\n',
);
const pieces = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: pieceOfStream.map((text): Step => ({ write: chunk(text) })) },
    { weight: 1, arbitrary: fc.nat({ max: 4 }).map((ms): Step => ({ wait: ms })) },
  ),
  { maxLength: 6 },
);
const ending = fc.constantFrom<readonly Step[]>(
  [{ write: LAST_CHUNK }],
  [{ fin: true }],
  [{ rst: true }],
  [{ stall: true }],
  [{ write: 'zz\r\n' }, { fin: true }],
);
const streamed = fc
  .tuple(pieces, ending)
  .map(([steps, end]): readonly Step[] => [{ request: true }, { write: SSE_HEAD }, ...steps, ...end]);
const other = fc.constantFrom<readonly Step[]>(
  [{ request: true }, { fin: true }],
  [{ request: true }, { rst: true }],
  [{ request: true }, { stall: true }],
  [{ fin: true }],
  [{ rst: true }],
  [{ request: true }, { write: COMPLETION }],
  [{ request: true }, { write: 'HTTP/1.1 200' }, { stall: true }],
  [{ request: true }, { write: 'garbage\r\n\r\n' }, { fin: true }],
  [{ request: true }, { write: head('302 Found', ['location: /', 'content-length: 0']) }],
  [{ request: true }, { write: whole('<html>') }],
  refuses('503 Service Unavailable'),
  refuses('500 Internal Server Error'),
  refuses('401 Unauthorized'),
  refuses('429 Too Many Requests'),
  HINTED,
);
const scripts = fc.array(fc.oneof(streamed, other), { minLength: 1, maxLength: 6 });
const leaving = fc.oneof(
  fc.constant({ by: 'nothing', after: 0 } as const),
  fc.record({ by: fc.constantFrom('unsubscribing', 'signal'), after: fc.nat({ max: 8 }) }),
  fc.record({ by: fc.constant('time' as const), after: fc.nat({ max: 30 }) }),
);
const settings = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  maxRequests: fc.integer({ min: 1, max: 8 }),
  minIntervalMs: fc.constantFrom(0, 0, 3),
  max: fc.constantFrom(0, 1),
  hasRoute: fc.boolean(),
  minimumCalls: fc.constantFrom(2, 20),
  deadlineMs: fc.constantFrom(undefined, 25),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

const configOf = ({ maxAttempts, maxRequests, minIntervalMs, max, hasRoute, minimumCalls }: Settings): ConfigInput => ({
  retry: { maxAttempts, baseMs: 1, capMs: 2 },
  limits: { maxRequests },
  rateLimit: { minIntervalMs },
  concurrency: { max },
  routes: hasRoute ? [{ model: 'b/model' }] : [],
  breaker: { minimumCalls, openMs: 10, longestOpenMs: 10 },
  timeouts: { connectMs: 100, headersMs: 20, firstTokenMs: 20, idleMs: 20, contentIdleMs: 20, attemptMs: 100 },
});

interface Watched {
  readonly events: GenerationEvent[];
  terminals: number;
  afterTheEnd: number;
  readonly signal: AbortSignal;
}

/** One generation, left in this way or not at all; resolves when it is over or was left. */
function watchUntil(
  pipeline: Awaited<ReturnType<typeof pipelineTo>>,
  { by, after }: { readonly by: string; readonly after: number },
  deadlineMs?: number,
): Promise<Watched> {
  const controller = new AbortController();
  const seen: Watched = { events: [], terminals: 0, afterTheEnd: 0, signal: controller.signal };
  let isOver = false;
  return new Promise((resolve) => {
    const end = (): void => {
      if (isOver) seen.afterTheEnd += 1;
      isOver = true;
      seen.terminals += 1;
      resolve(seen);
    };
    const leave = (): void => {
      subscription.unsubscribe();
      isOver = true;
      resolve(seen);
    };
    const subscription = pipeline
      .stream({ prompt: 'Begin.', signal: controller.signal, ...(deadlineMs !== undefined && { deadlineMs }) })
      .subscribe({
        next: (event) => {
          if (isOver) seen.afterTheEnd += 1;
          seen.events.push(event);
          if (seen.events.length !== after) return;
          if (by === 'signal') controller.abort();
          // The first event comes while it is still being subscribed to.
          else if (by === 'unsubscribing') queueMicrotask(leave);
        },
        error: end,
        complete: end,
      });
    if (by === 'time') setTimeout(leave, after);
    else if (by === 'unsubscribing' && after === 0) leave();
    else if (by === 'signal' && after === 0) controller.abort();
  });
}

function attemptsWithText(events: readonly GenerationEvent[]): number {
  return new Set(
    events.flatMap(({ type }, at) =>
      type === 'text-delta' ? [events.slice(0, at).filter((event) => event.type === 'attempt-start').length] : [],
    ),
  ).size;
}

describe('any faults, and any moment to leave', () => {
  it('P11, P13: exactly one end or silence, nothing after it, nothing left open, and no more requests than are allowed', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, leaving, settings, async (script, way, given) => {
        const clock = new CountingClock();
        const server = await scriptServer(...script);
        const pipeline = await pipelineTo(server.url, configOf(given), {
          register: (container) => container.register(tokens.CLOCK, { useValue: clock }),
        });
        const deadlineMs = given.deadlineMs ?? (way.by === 'nothing' ? 300 : undefined);
        const seen = await watchUntil(pipeline, way, deadlineMs);
        expect(getEventListeners(seen.signal, 'abort')).toEqual([]);
        await pipeline.dispose();
        await eventually(() => clock.pending === 0 && server.openSockets() === 0);
        await server.close();

        // Who leaves by himself may find that all is over already.
        const isLeft = way.by === 'time' || way.by === 'unsubscribing';
        expect({ terminals: isLeft ? 1 : seen.terminals, afterTheEnd: seen.afterTheEnd }).toEqual({
          terminals: 1,
          afterTheEnd: 0,
        });
        expect(seen.terminals).toBeLessThanOrEqual(1);
        expect(server.requests.length).toBeLessThanOrEqual(given.maxRequests);
        // A 429 that says when costs no attempt; one retry is free; who has brought text begins to count anew.
        const most = script.includes(HINTED)
          ? given.maxRequests
          : (given.maxAttempts + 1) * (attemptsWithText(seen.events) + 1);
        for (const model of ['a/model', 'b/model'])
          expect(server.requests.filter((text) => text.includes(`"model":"${model}"`)).length).toBeLessThanOrEqual(
            most,
          );
      }),
      { numRuns },
    );
  });
});

describe('what only looks on', () => {
  const noOp = (phase: InterceptorDefinition['phase'], how: number): InterceptorDefinition => ({
    name: 'no-op',
    phase,
    intercept: (request, next) =>
      how === 0 ? next(request) : how === 1 ? next({ ...request }) : next(request).pipe(tap(() => undefined)),
  });
  const silent = (): void => undefined;
  const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
  /** Where time has no part in what happens. */
  const hasTime = (step: Step): boolean => 'stall' in step || 'wait' in step || 'rst' in step;
  const timeless = fc.array(
    fc
      .oneof(streamed, other)
      .filter((steps) => steps.some((step) => 'request' in step) && !steps.some(hasTime) && steps !== HINTED),
    { minLength: 1, maxLength: 5 },
  );

  async function eventsUnder(
    script: readonly (readonly Step[])[],
    options: Omit<PipelineOptions, 'config'>,
    config: ConfigInput = {},
  ): Promise<unknown> {
    const server = await scriptServer(...script);
    const pipeline = await pipelineTo(
      server.url,
      { retry: { jitter: 'none', maxAttempts: 3 }, timeouts: { attemptMs: 2_000 }, ...config },
      options,
    );
    const events: unknown[] = [];
    await new Promise<void>((resolve) => {
      pipeline.stream({ id: 'one', prompt: 'Begin.' }).subscribe({
        next: (event) =>
          events.push(
            event.type === 'generation-end'
              ? {
                  ...event,
                  attempts: event.attempts?.map(({ outcome, errorCode, usage }) => ({ outcome, errorCode, usage })),
                }
              : event,
          ),
        error: ({ code, message }: { readonly code: string; readonly message: string }) => {
          events.push({ code, message: message.replaceAll(String(server.port), 'PORT') });
          resolve();
        },
        complete: resolve,
      });
    });
    await pipeline.dispose();
    await server.close();
    return events;
  }

  it('metamorphic: an interceptor that does nothing, in any phase, and any level of the log change no event', async () => {
    const phases = fc.constantFrom<InterceptorDefinition['phase']>(
      'observe',
      'prepare',
      'cache',
      'continue',
      'route',
      'recover',
      'admit',
      'attempt',
    );
    const levels = fc.constantFrom<NonNullable<ConfigInput['logging']>['level']>(
      'silent',
      'error',
      'warn',
      'info',
      'debug',
    );
    await fc.assert(
      fc.asyncProperty(timeless, phases, fc.nat({ max: 2 }), levels, async (...[script, phase, how, level]) => {
        const plain = await eventsUnder(script, {});
        const looking = await eventsUnder(
          script,
          {
            interceptors: [noOp(phase, how)],
            register: (container) => container.register(tokens.LOGGER, { useValue: logger }),
          },
          { logging: { level, bodies: 'full' } },
        );
        expect(looking).toEqual(plain);
      }),
      { numRuns: runs(0.25) },
    );
  });
});

describe('a stream without an end', () => {
  it('P11: left at every one of its first events, leaves nothing behind', async () => {
    const server = await scriptServer([
      { request: true },
      { write: chunked('').split('\r\n\r\n')[0]! + '\r\n\r\n' },
      { flood: chunk(delta('word ')) },
    ]);
    const clock = new CountingClock();
    const pipeline = await pipelineTo(
      server.url,
      {},
      { register: (container) => container.register(tokens.CLOCK, { useValue: clock }) },
    );
    for (let after = 1; after <= 10; after += 1) {
      const seen = await watchUntil(pipeline, { by: 'signal', after });
      expect({ events: seen.events.length, terminals: seen.terminals, afterTheEnd: seen.afterTheEnd }).toEqual({
        events: after,
        terminals: 1,
        afterTheEnd: 0,
      });
      await eventually(() => clock.pending === 0 && server.openSockets() === 0);
    }
    await pipeline.dispose();
    await server.close();
  });
});
