// Makes each way out of a generation fail, in every phase and for every way to end, in a process of its own: an exception
// that nothing catches would end it. Prints one line of JSON a case.
// usage: node program.mjs success | failure | unsubscribing | abort | dispose
import { Observable, defer, finalize, take, tap } from 'rxjs';
import { createPipeline, GenerationError, PHASES, tokens } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { MemorySink } from 'scriptorium/testing';

const TEXT = 'A whole text.';
const usage = { inputTokens: 1, outputTokens: 3, source: 'reported' };
const END = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage,
  servedFrom: 'provider',
  provider: 'mine',
  model: 'm',
};

const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error.message));
process.on('unhandledRejection', (error) => uncaught.push(error.message));

const fail = () => {
  throw new Error('on the way out');
};
const failLater = () => Promise.reject(new Error('on the way out'));
const soon = () => new Promise((resolve) => setImmediate(resolve));

/** Faults of an interceptor. */
const INTERCEPTORS = {
  'finalize throws': (request, next) => next(request).pipe(finalize(fail)),
  'finalize rejects': (request, next) => next(request).pipe(finalize(failLater)),
  'finalize rejects behind an operator': (request, next) => next(request).pipe(finalize(failLater), tap()),
  'finalize rejects on a stream of its own': (request, next) =>
    defer(() => next(request)).pipe(finalize(failLater), tap(), tap()),
  'finalize throws behind an operator': (request, next) => next(request).pipe(finalize(fail), tap()),
  'tap.finalize throws': (request, next) => next(request).pipe(tap({ finalize: fail })),
  'tap.unsubscribe throws': (request, next) => next(request).pipe(tap({ unsubscribe: fail })),
  'tap.complete throws': (request, next) => next(request).pipe(tap({ complete: fail })),
  'a teardown throws': (request, next) =>
    new Observable((subscriber) => {
      next(request).subscribe(subscriber);
      return fail;
    }),
  'a teardown rejects': (request, next) =>
    new Observable((subscriber) => {
      next(request).subscribe(subscriber);
      return failLater;
    }),
  'a complete handler of its own throws': (request, next) =>
    new Observable((subscriber) =>
      next(request).subscribe({
        next: (event) => subscriber.next(event),
        error: (error) => subscriber.error(error),
        complete: fail,
      }),
    ),
  'it emits after the end': (request, next) =>
    next(request).pipe(
      (source) =>
        new Observable((subscriber) =>
          source.subscribe({
            next: (event) => {
              subscriber.next(event);
              if (event.type === 'generation-end') for (const more of [event, null]) subscriber.next(more);
            },
            error: (error) => subscriber.error(error),
            complete: () => subscriber.complete(),
          }),
        ),
    ),
  'it fails after the end': (request, next) =>
    next(request).pipe(
      (source) =>
        new Observable((subscriber) =>
          source.subscribe({
            next: (event) => subscriber.next(event),
            error: (error) => subscriber.error(error),
            complete: () => subscriber.error(new Error('after the end')),
          }),
        ),
    ),
};

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const sinkOf = (record) => ({ setup: (host) => host.addStatSink({ name: 'faulty', record }) });

/** Faults of other parts; each gives what it adds to a pipeline. */
const PARTS = {
  'the logger throws': () => ({ logger: { debug: fail, info: fail, warn: fail, error: fail } }),
  'the logger rejects': () => ({ logger: { debug: failLater, info: failLater, warn: failLater, error: failLater } }),
  'a sink throws': () => sinkOf(fail),
  'a sink rejects': () => sinkOf(failLater),
  'a sink aborts at the end': (control) => sinkOf((stat) => stat.type === 'generation-end' && control.abort()),
  'a sink disposes at the end': (control) => sinkOf((stat) => stat.type === 'generation-end' && control.dispose()),
  'a subscriber of generations$ throws in a teardown': () => ({
    watch: (pipeline) => pipeline.generations$.pipe(take(1), finalize(fail)).subscribe(),
  }),
  'a subscriber of generations$ aborts at the end': (control) => ({
    watch: (pipeline) =>
      pipeline.generations$.subscribe(({ event }) => /^generation-/.test(event.type) && control.abort()),
  }),
  'a subscriber of stats$ throws in a teardown': () => ({
    watch: (pipeline) => pipeline.stats$.pipe(take(2), finalize(fail)).subscribe(),
  }),
  'a subscriber of stats$ aborts': (control) => ({
    watch: (pipeline) => pipeline.stats$.subscribe(({ requests }) => requests > 0 && control.abort()),
  }),
  'onDispose throws': () => ({ setup: (host) => host.onDispose(fail) }),
  'onDispose rejects': () => ({ setup: (host) => host.onDispose(failLater) }),
  'a teardown of the provider throws': () => ({ teardown: fail }),
  'a teardown of the provider rejects': () => ({ teardown: failLater }),
  'the provider emits after the end': () => ({ after: (subscriber) => subscriber.next(null) }),
  'the provider fails after the end': () => ({ after: (subscriber) => subscriber.error(new Error('after the end')) }),
  'the provider never completes': () => ({ after: () => undefined }),
};

/** Ends a generation once it has its first text. */
const ENDS = {
  success: {},
  failure: { error: () => new GenerationError('bad-request', 'refused') },
  unsubscribing: { act: ({ leave }) => leave() },
  abort: { act: ({ abort }) => abort() },
  dispose: { act: ({ dispose }) => dispose() },
};

function provider({ teardown, after = (subscriber) => subscriber.complete() }, { error, act }) {
  return {
    id: 'mine',
    capabilities: () => ({ prefill: 'none' }),
    generate: () =>
      new Observable((subscriber) => {
        setImmediate(() => {
          if (error !== undefined) return subscriber.error(error());
          subscriber.next({ type: 'text-delta', delta: TEXT });
          if (act !== undefined) return;
          subscriber.next(END);
          after(subscriber);
        });
        return teardown;
      }),
  };
}

async function outcomeOf(name, makePart, endName) {
  const end = ENDS[endName];
  const controller = new AbortController();
  const disposing = [];
  const control = {
    abort: () => controller.abort(),
    dispose: () => disposing.push(pipeline.dispose().catch(() => 'failed')),
  };
  const part = makePart(control);
  const sink = new MemorySink();
  const plugin = definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) => {
      host.addStatSink(sink);
      host.addProvider(provider(part, end));
      part.setup?.(host);
    },
  });
  const pipeline = await createPipeline({
    environment: {},
    plugins: [plugin],
    config: { defaults: { model: 'm' }, cache: { enabled: true }, concurrency: { max: 1 } },
    interceptors: part.interceptors ?? [],
    register: (container) => container.register(tokens.LOGGER, { useValue: part.logger ?? silent }),
  });
  part.watch?.(pipeline);
  const ended = new Promise((resolve) => {
    let text = '';
    let hasEnd = false;
    const subscription = pipeline.stream({ prompt: 'Begin.', signal: controller.signal }).subscribe({
      next: (event) => {
        if (event.type === 'text-delta') text += event.delta;
        if (event.type === 'generation-end') hasEnd = true;
        if (event.type !== 'text-delta' || end.act === undefined) return;
        const leave = () => {
          subscription.unsubscribe();
          resolve('left');
        };
        setImmediate(() => end.act({ ...control, leave }));
      },
      error: (error) => resolve(GenerationError.is(error) ? error.code : `${error}`),
      complete: () => resolve(hasEnd ? text : 'completed without an end'),
    });
  });
  const outcome = await Promise.race([
    ended,
    new Promise((resolve) => setTimeout(resolve, 5_000, 'never ended').unref()),
  ]);
  await pipeline.dispose().catch(() => undefined);
  await Promise.all(disposing);
  await soon();
  await soon();
  const stats = sink.generations.map((stat) => stat.outcome);
  console.log(JSON.stringify({ name, outcome, stats, uncaught: uncaught.splice(0) }));
}

const end = process.argv[2];
for (const [name, makePart] of Object.entries(PARTS)) await outcomeOf(name, makePart, end);
for (const [fault, intercept] of Object.entries(INTERCEPTORS))
  for (const phase of PHASES)
    await outcomeOf(`${fault} (${phase})`, () => ({ interceptors: [{ name: 'faulty', phase, intercept }] }), end);
