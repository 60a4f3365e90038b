import { describe, expect, it } from '@jest/globals';
import { concat, defer, NEVER, Observable, of, Subject } from 'rxjs';
import { localSlots } from '../../src/chain/admit/slots.js';
import { attemptStats } from '../../src/chain/attempt/attempt-stats.js';
import { timeouts } from '../../src/chain/attempt/timeouts.js';
import { cache } from '../../src/chain/cache/cache.js';
import { lengthContinuation } from '../../src/chain/continue/length-continuation.js';
import { resume } from '../../src/chain/continue/resume.js';
import { logging } from '../../src/chain/observe/logging.js';
import { metrics } from '../../src/chain/observe/metrics.js';
import { deadline } from '../../src/chain/prepare/deadline.js';
import { retry } from '../../src/chain/recover/retry.js';
import { fallback } from '../../src/chain/route/fallback.js';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../src/core/events.js';
import type { InterceptorDefinition, Phase } from '../../src/core/interceptor.js';
import { ATTEMPT_MONITOR } from '../../src/core/monitor.js';
import type { BudgetSettings } from '../../src/core/settings.js';
import { stateOf } from '../../src/core/state.js';
import { describeInterceptor } from '../../src/testing/describe-interceptor.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { MemorySink } from '../../src/testing/memory-sink.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { anAdmission, RETRY, someBreakers, someRetryBudgets } from './admit/admission-parts.js';
import { anEnd, chain, CUSTOM, NO_TIMEOUTS, REASONING, TEXT, TOOL_CALL, watch } from './chain.js';
import { CONTINUITY } from './continue/going-on.js';
import { MemoryLogger } from './observe/memory-logger.js';

interface Parts {
  readonly clock: ManualClock;
  readonly logger: MemoryLogger;
  readonly sink: MemorySink;
}

const LIMITS = {
  ...NO_TIMEOUTS,
  connectMs: 100,
  headersMs: 100,
  firstTokenMs: 100,
  idleMs: 100,
  contentIdleMs: 100,
  attemptMs: 1_000,
  queueMs: 500,
  deadlineMs: 10_000,
};

const BUDGETS: BudgetSettings = {
  generationUsd: 1,
  generationTokens: 1_000,
  label: 'book',
  labelUsd: 1,
  labelTokens: 1_000,
  processUsd: 1,
  processTokens: 1_000,
  dayUsd: 1,
  dayTokens: 1_000,
  unknownPrice: 'serialize',
  lowerCap: false,
};

const ALL: readonly (readonly [string, (parts: Parts) => InterceptorDefinition])[] = [
  ['logging', ({ logger, clock }) => logging(logger, 'full', clock)],
  ['metrics', ({ clock }) => metrics(clock)],
  ['deadline', ({ clock }) => deadline(LIMITS, clock)],
  [
    'retry',
    ({ clock }) =>
      retry({
        retry: RETRY,
        maxRequests: 24,
        clock,
        random: () => 0,
        budgets: someRetryBudgets(clock),
        breakers: someBreakers(clock),
        timeouts: LIMITS,
      }),
  ],
  [
    'admission',
    ({ clock }) =>
      anAdmission(clock, {
        slots: localSlots(clock, 1),
        budget: BUDGETS,
        timeouts: LIMITS,
        limitKeys: () => [
          {
            key: 'free',
            limits: { minIntervalMs: 1_000, requestsPerMinute: 20, tokensPerMinute: 1_000, requestsPerDay: 5 },
          },
        ],
      }),
  ],
  ['attempt-stats', ({ clock, sink }) => attemptStats((stat) => sink.record(stat), clock)],
  ['timeouts', ({ clock }) => timeouts(LIMITS, clock)],
  [
    'cache',
    () => cache({ enabled: true, maxEntries: 10, sampled: true }, { get: () => undefined, set: () => undefined }),
  ],
  ['fallback', ({ clock }) => fallback([{ model: 'b-model' }], clock)],
];

const PHASE_OF: Readonly<Record<string, Phase>> = {
  logging: 'observe',
  metrics: 'observe',
  deadline: 'prepare',
  cache: 'cache',
  fallback: 'route',
  retry: 'recover',
  admission: 'admit',
  'attempt-stats': 'attempt',
  timeouts: 'attempt',
};

describe.each(ALL)('by the public kit', (name, build) => {
  describeInterceptor(name, (clock) => build({ clock, logger: new MemoryLogger(), sink: new MemorySink() }));
});

describe('by the public kit', () => {
  const going = (clock: ManualClock) => ({
    continuity: CONTINUITY,
    retry: RETRY,
    maxRequests: 24,
    clock,
    random: () => 0,
  });
  describeInterceptor('resume', (clock) => resume({ ...going(clock), prefillOf: () => 'exact' }));
  describeInterceptor('length-continuation', () => lengthContinuation({ ...CONTINUITY, onLength: 'continue' }, 24));
});

function make(build: (parts: Parts) => InterceptorDefinition) {
  const parts = { clock: new ManualClock(), logger: new MemoryLogger(), sink: new MemorySink() };
  return { ...parts, definition: build(parts) };
}

describe.each(ALL)('%s', (name, build) => {
  it('has its name and its phase', () => {
    const { definition } = make(build);
    expect([definition.name, definition.phase]).toEqual([name, PHASE_OF[name]]);
  });

  it('does no work before subscription', () => {
    const { clock, logger, sink, definition } = make(build);
    const request = aRequest();
    const before = structuredClone(stateOf(request));
    let asked = 0;
    chain(() => {
      asked += 1;
      return NEVER;
    }, definition)(request);
    clock.advance(100_000);
    expect([asked, clock.pending, logger.lines.length, sink.stats.length]).toEqual([0, 0, 0, 0]);
    expect(structuredClone(stateOf(request))).toEqual(before);
  });

  it('stops all work on unsubscription, at once and once', () => {
    const { clock, definition } = make(build);
    let stops = 0;
    const silent = new Observable<GenerationEvent>(() => () => {
      stops += 1;
    });
    const run = watch(
      chain(({ context }) => {
        const monitor = context.get(ATTEMPT_MONITOR);
        monitor.onSocket(false);
        monitor.onConnect();
        monitor.onHeaders(200);
        return concat(of(TEXT), silent);
      }, definition)(aRequest()),
    );
    run.stop();
    expect([stops, clock.pending]).toEqual([1, 0]);
    const count = run.events.length;
    clock.advance(1_000_000);
    expect([run.events.length, run.hasFailed, run.isComplete]).toEqual([count, false, false]);
  });

  it('stops the work of a chain that is unsubscribed during an event, in the same tick', () => {
    const { clock, definition } = make(build);
    const seen: string[] = [];
    const stream = new Observable<GenerationEvent>((subscriber) => {
      subscriber.next(TEXT);
      seen.push(subscriber.closed ? 'stopped' : 'going on');
    });
    let leave = (): void => undefined;
    const leaving = new Observable<GenerationEvent>((subscriber) => {
      leave = () => subscriber.unsubscribe();
      chain(() => stream, definition)(aRequest()).subscribe(subscriber);
    });
    leaving.subscribe(({ type }) => type === 'text-delta' && leave());
    expect([seen, clock.pending]).toEqual([['stopped'], 0]);
  });

  it('forwards every event unchanged, also unknown ones', () => {
    const { definition } = make(build);
    const unknown = { type: 'invented-later', payload: { deep: [1] } } as unknown as GenerationEvent;
    const events = [
      CUSTOM,
      unknown,
      { type: 'waiting', for: 'slot' } as const,
      REASONING,
      TEXT,
      unknown,
      TOOL_CALL,
      CUSTOM,
      anEnd(),
    ];
    const run = watch(chain(() => of(...events), definition)(aRequest()));
    const own = run.events.filter(({ type }) => type !== 'attempt-start');
    expect(own).toHaveLength(events.length);
    own.forEach((event, index) => expect(event).toBe(events[index]));
    expect(run.isComplete).toBe(true);
  });

  it('forwards events as they come, and leaves nothing behind at the end', () => {
    const { clock, definition } = make(build);
    const stream = new Subject<GenerationEvent>();
    const run = watch(chain(() => stream, definition)(aRequest()));
    stream.next(TEXT);
    expect(run.events.at(-1)).toBe(TEXT);
    stream.next(anEnd());
    stream.complete();
    expect([run.isComplete, stream.observed, clock.pending]).toEqual([true, false, 0]);
  });

  it('forwards the errors of others, and leaves nothing behind', () => {
    const { clock, definition } = make(build);
    const failure = new GenerationError('bad-request', 'no');
    const run = watch(
      chain(
        () =>
          defer(() => {
            throw failure;
          }),
        definition,
      )(aRequest()),
    );
    expect(run.error).toMatchObject({ code: 'bad-request', message: 'no' });
    expect(clock.pending).toBe(0);
  });

  it('runs again for each subscription', () => {
    const { definition, clock } = make(build);
    let asked = 0;
    const events = chain(
      () =>
        defer(() => {
          asked += 1;
          return of(anEnd());
        }),
      definition,
    )(aRequest());
    const runs = [watch(events), watch(events)];
    clock.advance(100_000);
    expect([asked, runs.map(({ isComplete }) => isComplete)]).toEqual([2, [true, true]]);
  });
});
