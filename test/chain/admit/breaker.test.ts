import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { breakerKey, circuitOpen, verdictOn } from '../../../src/chain/admit/breaker.js';
import type { BreakerSettings } from '../../../src/chain/admit/circuit.js';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { RequestContext } from '../../../src/core/context.js';
import { TimeoutError } from '../../../src/core/errors/classes.js';
import type { TimeoutTimer } from '../../../src/core/errors/classes.js';
import { ERROR_CODES } from '../../../src/core/errors/codes.js';
import type { ErrorCode } from '../../../src/core/errors/codes.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import { ATTEMPT_MONITOR, SILENT_MONITOR } from '../../../src/core/monitor.js';
import type { Breakers } from '../../../src/core/ports.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { HAS_OTHER_ROUTE } from '../../../src/core/routes.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, CUSTOM, REASONING, TEXT, TOOL_CALL, watch } from '../chain.js';
import { anAdmission, someBreakers } from './admission-parts.js';

const ELSEWHERE = { context: RequestContext.empty.with(HAS_OTHER_ROUTE, true) };

/** A provider behind a breaker; each call of `generate` is an attempt that the test moves on. */
function scene(settings: Partial<BreakerSettings> = {}, slots?: number) {
  const clock = new ManualClock();
  const breakers: Breakers = someBreakers(clock, settings);
  const interceptor = anAdmission(clock, {
    breakers,
    ...(slots !== undefined && { slots: localSlots(clock, slots) }),
  });
  const generate = (parts: Partial<GenerationRequest> = {}) => {
    const attempts: Subject<GenerationEvent>[] = [];
    let monitor = SILENT_MONITOR;
    const handler = ({ context }: GenerationRequest): Observable<GenerationEvent> => {
      const events = new Subject<GenerationEvent>();
      monitor = context.get(ATTEMPT_MONITOR);
      attempts.push(events);
      return events;
    };
    const run = watch(chain(handler, interceptor)(aRequest(parts)));
    const fail = (error: unknown = new GenerationError('connection', 'refused')): void => attempts.at(-1)?.error(error);
    const finish = (): void => {
      attempts.at(-1)?.next(anEnd());
      attempts.at(-1)?.complete();
    };
    return {
      run,
      fail,
      finish,
      emit: (event: GenerationEvent) => attempts.at(-1)?.next(event),
      /** What thoughts that become no event cause. */
      onContent: () => monitor.onContent(),
      isBegun: () => attempts.length > 0,
      attempts,
    };
  };
  /** Three connection failures. */
  const open = (): void => [generate(), generate(), generate()].forEach(({ fail }) => fail());
  return { clock, breakers, generate, open, isOpen: () => breakers.isOpen('fake/a-model') };
}

describe('the breaker of admission', () => {
  it('has one breaker for each provider and model', () => {
    expect(breakerKey(aRequest({ provider: 'p', model: 'm/n' }))).toBe('p/m/n');
    const { generate, open } = scene();
    open();
    expect([
      generate().isBegun(),
      generate({ model: 'b-model' }).isBegun(),
      generate({ provider: 'other' }).isBegun(),
    ]).toEqual([false, true, true]);
  });

  it('makes a generation without another route wait for the probe, and reports until when', () => {
    const { clock, generate, open } = scene();
    open();
    const [first, second] = [generate(), generate()];
    expect(first.run.events).toEqual([{ type: 'waiting', for: 'breaker', untilMs: clock.now() + 1_000 }]);
    clock.advance(1_000);
    expect([first.isBegun(), second.isBegun()]).toEqual([true, false]);
    first.finish();
    expect([first.run.isComplete, second.isBegun()]).toEqual([true, true]);
  });

  it('fails a generation with another route at once, with the time of the next attempt', () => {
    const { clock, generate, open, isOpen } = scene();
    open();
    const { run, isBegun } = generate(ELSEWHERE);
    expect(run.error).toMatchObject({
      code: 'circuit-open',
      retryable: false,
      provider: 'fake',
      model: 'a-model',
      retryAt: clock.now() + 1_000,
    });
    expect(run.error.message).toBe(
      `Circuit open: "fake" keeps failing with a-model. Next attempt at ${new Date(clock.now() + 1_000).toISOString()}.`,
    );
    expect([isBegun(), run.events, clock.pending, isOpen()]).toEqual([false, [], 0, true]);
  });

  it('admits a generation with another route as the probe', () => {
    const { clock, generate, open } = scene();
    open();
    clock.advance(1_000);
    expect(generate(ELSEWHERE).isBegun()).toBe(true);
    expect(generate(ELSEWHERE).run.error.code).toBe('circuit-open');
  });

  it.each<[string, GenerationEvent]>([
    ['text', TEXT],
    ['reasoning', REASONING],
  ])('counts a probe as a success at its first %s', (_what, event) => {
    const { clock, generate, open, isOpen } = scene();
    open();
    const [probe, waiting] = [generate(), generate()];
    clock.advance(1_000);
    probe.emit(CUSTOM);
    expect(isOpen()).toBe(true);
    probe.emit(event);
    expect([isOpen(), waiting.isBegun()]).toEqual([false, true]);
    probe.fail();
    expect(isOpen()).toBe(false);
  });

  it('counts a probe as a success at content that is no event, such as thoughts that are encrypted', () => {
    const { clock, generate, open, isOpen } = scene();
    open();
    const [probe, waiting] = [generate(), generate()];
    clock.advance(1_000);
    probe.onContent();
    expect([isOpen(), waiting.isBegun()]).toEqual([false, true]);
  });

  it('counts any other call as a success only at its end: a stream that breaks after its text has failed', () => {
    const { generate, isOpen } = scene({ minimumCalls: 3 });
    for (const event of [TEXT, REASONING, TOOL_CALL]) {
      expect(isOpen()).toBe(false);
      const call = generate();
      call.emit(event);
      call.fail();
    }
    expect(isOpen()).toBe(true);
    const other = scene();
    for (let failure = 0; failure < 2; failure += 1) other.generate().fail();
    other.generate().finish();
    other.generate().fail();
    expect(other.isOpen()).toBe(false);
  });

  it('does not count streams that break in the middle as connection failures', () => {
    const { generate, isOpen } = scene({ minimumCalls: 100 });
    for (let index = 0; index < 30; index += 1) {
      const call = generate();
      call.emit(TEXT);
      call.fail();
    }
    expect(isOpen()).toBe(false);
    for (let index = 0; index < 3; index += 1) generate().fail();
    expect(isOpen()).toBe(true);
  });

  it('stays open for longer when the probe fails', () => {
    const { clock, generate, open } = scene();
    open();
    const probe = generate();
    clock.advance(1_000);
    probe.fail();
    const next = generate();
    clock.advance(1_999);
    expect(next.isBegun()).toBe(false);
    clock.advance(1);
    expect(next.isBegun()).toBe(true);
  });

  it.each<[string, (probe: ReturnType<ReturnType<typeof scene>['generate']>) => void]>([
    ['is left', ({ run }) => run.stop()],
    ['is refused with a 4xx', ({ fail }) => fail(new GenerationError('bad-request', 'no'))],
    ['meets a limit', ({ fail }) => fail(new GenerationError('rate-limit', 'slow down'))],
  ])('admits the next probe at once when one %s', (_how, end) => {
    const { clock, generate, open, isOpen } = scene();
    open();
    const [probe, next] = [generate(), generate()];
    clock.advance(1_000);
    end(probe);
    expect([next.isBegun(), isOpen()]).toEqual([true, true]);
  });

  it('admits the next probe when one hangs for its lease', () => {
    const { clock, generate, open } = scene();
    open();
    const [probe, next] = [generate(), generate()];
    clock.advance(5_999);
    expect([probe.isBegun(), next.isBegun()]).toEqual([true, false]);
    clock.advance(1);
    expect(next.isBegun()).toBe(true);
  });

  it('lets a waiter leave at once', () => {
    const { clock, generate, open } = scene();
    open();
    generate().run.stop();
    expect(clock.pending).toBe(0);
  });

  const FAILURES: readonly ErrorCode[] = [
    'server-error',
    'overloaded',
    'truncated',
    'empty-answer',
    'malformed-answer',
    'unexpected-content',
    'protocol',
    'tls',
    'timeout',
    'connection',
    'dns',
  ];

  it.each(ERROR_CODES)('judges the server by "%s"', (code) => {
    const { generate, isOpen } = scene({ minimumCalls: 1, connectionFailures: 1_000 });
    generate().fail(new GenerationError(code, 'failed'));
    expect(isOpen()).toBe(FAILURES.includes(code));
  });

  it.each(ERROR_CODES)('counts "%s" as a connection failure only if it is one', (code) => {
    const { generate, isOpen } = scene({ minimumCalls: 1_000, connectionFailures: 1 });
    generate().fail(new GenerationError(code, 'failed'));
    expect(isOpen()).toBe(code === 'connection' || code === 'dns');
  });

  it.each<[TimeoutTimer, string]>([
    ['connect', 'connection failure'],
    ['headers', 'failure'],
    ['first-token', 'failure'],
    ['idle', 'failure'],
    ['content-idle', 'failure'],
    ['attempt', 'failure'],
    ['queue', 'nothing'],
    ['deadline', 'nothing'],
  ])('counts the timer "%s" as a %s', (timer, meaning) => {
    const [byRate, byRow] = [
      scene({ minimumCalls: 1, connectionFailures: 1_000 }),
      scene({ minimumCalls: 1_000, connectionFailures: 1 }),
    ];
    for (const { generate } of [byRate, byRow]) generate().fail(new TimeoutError(timer, 'late', { retryable: true }));
    expect([byRate.isOpen(), byRow.isOpen()]).toEqual([meaning !== 'nothing', meaning === 'connection failure']);
  });

  it('gives breakers that live elsewhere a verdict of their protocol', () => {
    const ofTimer = (timer: TimeoutTimer) => verdictOn(new TimeoutError(timer, 'late'), false);
    const timers = [
      'connect',
      'headers',
      'first-token',
      'idle',
      'content-idle',
      'attempt',
      'queue',
      'deadline',
    ] as const;
    expect(Object.fromEntries(timers.map((timer) => [timer, ofTimer(timer)]))).toEqual({
      connect: 'connection-failure',
      headers: 'failure',
      'first-token': 'failure',
      idle: 'failure',
      'content-idle': 'failure',
      attempt: 'failure',
      queue: 'neutral',
      deadline: 'neutral',
    });
    const ofCode = (code: ErrorCode, hasContent: boolean) => verdictOn(new GenerationError(code, 'failed'), hasContent);
    const isOfConnection = (code: ErrorCode): boolean => code === 'connection' || code === 'dns';
    const usual = (code: ErrorCode): string => (FAILURES.includes(code) ? 'failure' : 'neutral');
    expect(ERROR_CODES.map((code) => [code, ofCode(code, false), ofCode(code, true)])).toEqual(
      ERROR_CODES.map((code) => [code, isOfConnection(code) ? 'connection-failure' : usual(code), usual(code)]),
    );
  });

  it('names the provider and the model that keep failing, and the next attempt if it is known', () => {
    const request = aRequest({ provider: 'quill', model: 'quill-1' });
    const untilMs = Date.UTC(2026, 10, 28, 12);
    const [known, unknown] = [circuitOpen(request, untilMs), circuitOpen(request, undefined)];
    expect({ known: known.message, unknown: unknown.message }).toEqual({
      known: 'Circuit open: "quill" keeps failing with quill-1. Next attempt at 2026-11-28T12:00:00.000Z.',
      unknown: 'Circuit open: "quill" keeps failing with quill-1.',
    });
    expect(known).toMatchObject({ code: 'circuit-open', provider: 'quill', model: 'quill-1', retryAt: untilMs });
    expect('retryAt' in unknown).toBe(false);
  });

  it('ignores a foreign error, which is a bug and says nothing about the server', () => {
    const { generate, isOpen } = scene({ minimumCalls: 1, connectionFailures: 1 });
    generate().fail(new TypeError('undefined is no function'));
    expect(isOpen()).toBe(false);
  });
});

describe('a breaker that opens while an attempt queues for a slot', () => {
  const slotted = () => scene({}, 1);

  it('takes the attempt back without a request, releases its slot, and lets it wait for the probe', () => {
    const { clock, generate, breakers } = slotted();
    const running = generate();
    const [queued, behind] = [generate(), generate()];
    breakDown(breakers);
    expect(queued.run.types).toEqual(['waiting']);
    running.finish();
    expect([queued, behind].map(({ run, isBegun }) => [run.events.at(-1), isBegun()])).toEqual(
      Array(2).fill([{ type: 'waiting', for: 'breaker', untilMs: clock.now() + 1_000 }, false]),
    );
    clock.advance(1_000);
    expect([queued.isBegun(), behind.isBegun()]).toEqual([true, false]);
    queued.finish();
    expect(behind.isBegun()).toBe(true);
    behind.finish();
    expect([queued.run.isComplete, behind.run.isComplete, queued.attempts.length, clock.pending]).toEqual([
      true,
      true,
      1,
      0,
    ]);
  });

  it('fails an attempt with another route, and releases its slot', () => {
    const { generate, breakers } = slotted();
    const running = generate({ model: 'b-model' });
    const queued = generate(ELSEWHERE);
    const behind = generate({ model: 'b-model' });
    expect(queued.run.events).toEqual([{ type: 'waiting', for: 'slot' }]);
    breakDown(breakers);
    running.finish();
    expect([queued.run.error.code, queued.isBegun(), behind.isBegun()]).toEqual(['circuit-open', false, true]);
  });

  it('lets the attempt continue at once if it has closed again, with or without another route', () => {
    const { clock, generate, breakers } = slotted();
    const running = generate({ model: 'b-model' });
    const [one, two] = [generate(ELSEWHERE), generate()];
    breakDown(breakers);
    clock.advance(1_000);
    breakers
      .acquire('fake/a-model')
      .subscribe((admission) => admission.type === 'admitted' && admission.lease.record('success'));
    running.finish();
    expect([one.isBegun(), two.isBegun()]).toEqual([true, false]);
    one.finish();
    expect([one.run.isComplete, two.isBegun()]).toEqual([true, true]);
  });
});

/** Opens the breaker of the usual model from outside. */
function breakDown(breakers: Breakers): void {
  for (let failure = 0; failure < 3; failure += 1)
    breakers
      .acquire('fake/a-model')
      .subscribe((admission) => admission.type === 'admitted' && admission.lease.record('connection-failure'));
}
