import { describe, expect, it } from '@jest/globals';
import { concat, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { ApiError, TimeoutError } from '../../../src/core/errors/classes.js';
import type { GenerationEvent, RetryScheduled } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import { deadline } from '../../../src/chain/prepare/deadline.js';
import { logging } from '../../../src/chain/observe/logging.js';
import type { LogBodies } from '../../../src/chain/observe/logging.js';
import { metrics } from '../../../src/chain/observe/metrics.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, NO_TIMEOUTS, REASONING, TEXT, TOOL_CALL, watch } from '../chain.js';
import { brokenLogger, MemoryLogger } from './memory-logger.js';

const RETRY: RetryScheduled = { type: 'retry-scheduled', attempt: 2, delayMs: 1_000.4, reason: 'overloaded' };
const warning = (message: string): GenerationEvent => ({ type: 'warning', message });

describe('logging', () => {
  const logged = (
    stream: Observable<GenerationEvent>,
    request: Partial<GenerationRequest> = {},
    bodies: LogBodies = 'off',
  ) => {
    const [clock, logger] = [new ManualClock(), new MemoryLogger()];
    const run = watch(chain(() => stream, logging(logger, bodies, clock))(aRequest(request)));
    return { clock, logger, run };
  };

  it('writes a line at the start and one at the end, with the tokens, and none for the text', () => {
    const { logger } = logged(
      of(
        TEXT,
        REASONING,
        TOOL_CALL,
        TEXT,
        anEnd({ usage: { inputTokens: 7, outputTokens: 5, costUsd: 0.01, source: 'reported' } }),
      ),
      { labels: { book: 'ada' } },
    );
    const about = { generationId: 'generation-1', provider: 'fake', model: 'a-model', labels: { book: 'ada' } };
    expect(logger.lines).toEqual([
      { severity: 'info', message: 'generation started', fields: about },
      {
        severity: 'info',
        message: 'generation finished',
        fields: {
          ...about,
          latencyMs: 0,
          finishReason: 'stop',
          inputTokens: 7,
          outputTokens: 5,
          costUsd: 0.01,
          usageSource: 'reported',
        },
      },
    ]);
  });

  it('writes a line for each retry and each warning, and none for custom events', () => {
    const { logger } = logged(
      of(
        RETRY,
        warning('the socket broke after the end'),
        { type: 'warning', message: 'the quota is unknown', about: 'rate-limit' } as const,
        { type: 'custom', name: 'other/name', payload: 1 } as const,
        anEnd(),
      ),
    );
    expect(logger.messages).toEqual([
      'info: generation started',
      'warn: retry scheduled',
      'warn: the socket broke after the end',
      'warn: the quota is unknown',
      'info: generation finished',
    ]);
    expect(logger.lines[3]?.fields).toMatchObject({ about: 'rate-limit' });
    expect(logger.lines[1]?.fields).toMatchObject({ attempt: 2, delayMs: 1_000, reason: 'overloaded' });
  });

  it('logs how a generation failed, and after how many requests', () => {
    const state = { ...newGenerationState(0), requests: 3 };
    const stream = new Subject<GenerationEvent>();
    const { clock, logger } = logged(stream, withState({}, state));
    clock.advance(1_500.6);
    stream.error(new ApiError('overloaded', 'busy', { status: 503, retryAt: 9 }));
    expect(logger.lines[1]).toMatchObject({
      severity: 'error',
      message: 'generation failed',
      fields: { code: 'overloaded', reason: 'busy', status: 503, retryAt: 9, requests: 3, latencyMs: 1_501 },
    });
  });

  it('logs that a generation was cancelled', () => {
    const { clock, logger, run } = logged(concat(of(TEXT), NEVER));
    clock.advance(20);
    run.stop();
    expect(logger.messages).toEqual(['info: generation started', 'info: generation cancelled']);
    expect(logger.lines[1]?.fields).toMatchObject({ latencyMs: 20 });
  });

  it.each<[LogBodies, unknown]>([
    ['off', undefined],
    [
      'truncated',
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: `${'x'.repeat(200)}…` },
      ],
    ],
    [
      'full',
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'x'.repeat(201) },
      ],
    ],
  ])('shows the prompt according to bodies: %s', (bodies, messages) => {
    const { logger } = logged(
      of(anEnd()),
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'x'.repeat(201) },
        ],
      },
      bodies,
    );
    expect(logger.lines[0]?.fields['messages']).toEqual(messages);
    expect(JSON.stringify(logger.lines[1])).not.toContain('xxx');
  });

  it.each<[string, Observable<GenerationEvent>]>([
    ['a success', of(RETRY, TEXT, anEnd())],
    ['a failure', throwError(() => new ApiError('overloaded', 'busy'))],
  ])('never lets a logger that throws change %s', (_what, stream) => {
    const [plain, broken] = [
      watch(stream),
      watch(chain(() => stream, logging(brokenLogger(), 'off', new ManualClock()))(aRequest())),
    ];
    expect(broken.events).toEqual(plain.events);
    expect([broken.isComplete, broken.hasFailed && broken.error.code]).toEqual([
      plain.isComplete,
      plain.hasFailed && plain.error.code,
    ]);
  });

  it('never lets a logger that throws change a cancellation', () => {
    let stops = 0;
    const silent = new Observable<GenerationEvent>(() => () => {
      stops += 1;
    });
    const run = watch(chain(() => silent, logging(brokenLogger(), 'off', new ManualClock()))(aRequest()));
    expect(() => run.stop()).not.toThrow();
    expect(stops).toBe(1);
  });
});

describe('metrics', () => {
  const measured = () => {
    const clock = new ManualClock();
    const stream = new Subject<GenerationEvent>();
    const request = aRequest();
    const run = watch(chain(() => stream, metrics(clock))(request));
    const after = (ms: number, event: GenerationEvent): void => {
      clock.advance(ms);
      stream.next(event);
    };
    return { clock, stream, run, after, state: stateOf(request) };
  };
  const scheduled = (delayMs: number): GenerationEvent => ({ ...RETRY, delayMs });
  const STARTED: GenerationEvent = { type: 'attempt-start', attempt: 2, provider: 'fake', model: 'a-model' };

  it.each<[string, GenerationEvent]>([
    ['text', TEXT],
    ['reasoning', REASONING],
  ])('records when the first %s was seen, once', (_what, event) => {
    const { after, state } = measured();
    after(10, STARTED);
    expect(state.firstTokenAt).toBeUndefined();
    after(10, event);
    after(10, event);
    expect(state.firstTokenAt).toBe(20);
  });

  it('adds up the time lost to backoff, without the queue that follows', () => {
    const { after, state } = measured();
    after(5, scheduled(100));
    after(100, { type: 'waiting', for: 'rate-limit' });
    after(700, STARTED);
    after(20, scheduled(200));
    after(200, STARTED);
    after(60, anEnd());
    expect(state.backoffMs).toBe(300);
  });

  it.each<[string, (scene: ReturnType<typeof measured>) => void]>([
    ['left', ({ run }) => run.stop()],
    ['failed by a deadline', ({ stream }) => stream.error(new TimeoutError('deadline', 'late'))],
  ])('counts a backoff as far as it went when the generation is %s', (_how, end) => {
    const one = measured();
    one.after(5, scheduled(60_000));
    one.clock.advance(1_500);
    end(one);
    expect(one.state.backoffMs).toBe(1_500);
  });
});

describe('deadline', () => {
  const bounded = (request: Partial<GenerationRequest>, deadlineMs = 0) => {
    const clock = new ManualClock();
    const stream = new Subject<GenerationEvent>();
    clock.advance(40);
    const whole = aRequest(withState(request, newGenerationState(40)));
    const events = chain(() => stream, deadline({ ...NO_TIMEOUTS, deadlineMs }, clock))(whole);
    return { clock, stream, state: stateOf(whole), run: watch(events) };
  };

  it('sets the deadline for all interceptors further in, and ends the generation then', () => {
    const { clock, run, state, stream } = bounded({ deadlineMs: 500 });
    expect(state.deadlineAt).toBe(540);
    stream.next(TEXT);
    clock.advance(499);
    expect([run.hasFailed, clock.pending]).toEqual([false, 1]);
    clock.advance(1);
    expect(run.error).toBeInstanceOf(TimeoutError);
    expect(run.error).toMatchObject({ timer: 'deadline', retryable: false });
    expect([clock.pending, stream.observed]).toEqual([0, false]);
  });

  it.each<[string, Parameters<typeof bounded>, number | undefined]>([
    ['the configuration', [{}, 900], 940],
    ["the request's own deadlineMs before that", [{ deadlineMs: 500 }, 900], 540],
    ['0 in the configuration as none', [{}, 0], undefined],
  ])('takes %s', (_what, given, deadlineAt) => {
    const { state, clock } = bounded(...given);
    expect({ deadlineAt: state.deadlineAt, pending: clock.pending }).toEqual({
      deadlineAt,
      pending: deadlineAt === undefined ? 0 : 1,
    });
  });

  it('leaves no timer behind a generation that ends in time', () => {
    const { clock, run, stream } = bounded({ deadlineMs: 500 });
    stream.next(anEnd());
    stream.complete();
    expect([run.isComplete, clock.pending]).toEqual([true, 0]);
  });
});
