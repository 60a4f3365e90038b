import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { RequestContext } from '../../../src/core/context.js';
import { TimeoutError } from '../../../src/core/errors/classes.js';
import type { TimeoutTimer } from '../../../src/core/errors/classes.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import { ATTEMPT_MONITOR, SILENT_MONITOR } from '../../../src/core/monitor.js';
import type { AttemptMonitor } from '../../../src/core/monitor.js';
import type { GenerationRequest, Wire } from '../../../src/core/request.js';
import { newGenerationState, withState } from '../../../src/core/state.js';
import type { TimeoutSettings } from '../../../src/core/settings.js';
import { timeouts } from '../../../src/chain/attempt/timeouts.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, NO_TIMEOUTS, TEXT, watch } from '../chain.js';

/** Counts how often a timer is set. */
class CountingClock extends ManualClock {
  timersSet = 0;
  /** For how long the thread has stood still: time has passed, and no timer ran. */
  stoodStillMs = 0;
  override monotonic(): number {
    return super.monotonic() + this.stoodStillMs;
  }
  override setTimer(ms: number, run: () => void): () => void {
    this.timersSet += 1;
    return super.setTimer(ms, run);
  }
}

type Step = 'socket' | 'connect' | 'headers' | 'bytes' | 'content' | 'text';
type Path = readonly Step[];

/** An attempt that does what the test tells its monitor. */
function attempt(limits: Partial<TimeoutSettings>, request: Partial<GenerationRequest> = {}) {
  const clock = new CountingClock();
  const events = new Subject<GenerationEvent>();
  let monitor: AttemptMonitor = SILENT_MONITOR;
  const handler = ({ context }: GenerationRequest): Subject<GenerationEvent> => {
    monitor = context.get(ATTEMPT_MONITOR);
    return events;
  };
  const run = watch(chain(handler, timeouts({ ...NO_TIMEOUTS, ...limits }, clock))(aRequest(request)));
  const failed = (): TimeoutTimer | undefined =>
    run.hasFailed && run.error instanceof TimeoutError ? run.error.timer : undefined;
  const steps: Readonly<Record<Step, () => void>> = {
    socket: () => monitor.onSocket(false),
    connect: () => monitor.onConnect(),
    headers: () => monitor.onHeaders(200),
    bytes: () => monitor.onBytes(1),
    content: () => monitor.onContent(),
    /** What a chunk with text causes. */
    text: () => {
      monitor.onBytes(1);
      monitor.onContent();
    },
  };
  const go = (...path: Path): void => path.forEach((step) => steps[step]());
  return { clock, events, run, failed, go, monitor };
}

const TO_HEADERS: Path = ['socket', 'connect', 'headers'];
const TO_TEXT: Path = [...TO_HEADERS, 'text'];

/** Fires after 100 ms, and not a moment before; the last moment is the second look. */
function firesAfter100(one: ReturnType<typeof attempt>): TimeoutTimer | undefined {
  one.clock.advance(100);
  expect(one.failed()).toBeUndefined();
  one.clock.advance(1);
  expect(one.clock.pending).toBe(0);
  return one.failed();
}

function thrice(run: () => void): void {
  [1, 2, 3].forEach(run);
}

interface Row {
  readonly timer: TimeoutTimer;
  readonly limits: Partial<TimeoutSettings>;
  readonly wire: Wire;
  /** What happens until the timer starts, and until it stops. */
  readonly from: Path;
  readonly to: Path;
}

const TABLE: readonly Row[] = [
  { timer: 'connect', limits: { connectMs: 100 }, wire: 'sse', from: ['socket'], to: ['connect'] },
  { timer: 'connect', limits: { connectMs: 100 }, wire: 'json', from: ['socket'], to: ['connect'] },
  { timer: 'headers', limits: { headersMs: 100 }, wire: 'sse', from: ['socket', 'connect'], to: ['headers'] },
  { timer: 'headers', limits: { headersMs: 100 }, wire: 'json', from: ['socket', 'connect'], to: ['headers'] },
  { timer: 'first-token', limits: { firstTokenMs: 100 }, wire: 'sse', from: TO_HEADERS, to: ['bytes', 'content'] },
  { timer: 'idle', limits: { idleMs: 100 }, wire: 'sse', from: TO_TEXT, to: [] },
  { timer: 'idle', limits: { idleMs: 100 }, wire: 'json', from: TO_HEADERS, to: [] },
  { timer: 'content-idle', limits: { contentIdleMs: 100 }, wire: 'sse', from: TO_TEXT, to: [] },
  { timer: 'attempt', limits: { attemptMs: 100 }, wire: 'sse', from: ['socket', 'connect'], to: [] },
  { timer: 'attempt', limits: { attemptMs: 100 }, wire: 'json', from: ['socket', 'connect'], to: [] },
];

describe('the timers of an attempt', () => {
  it.each(TABLE)('$timer ($wire) runs from the last of $from', ({ timer, limits, wire, from }) => {
    const one = attempt(limits, { wire });
    // An attempt without any socket is bounded too: see below.
    if (timer !== 'attempt') one.clock.advance(1_000);
    one.go(...from.slice(0, -1));
    one.clock.advance(1_000);
    expect(one.failed()).toBeUndefined();
    one.go(...from.slice(-1));
    expect(firesAfter100(one)).toBe(timer);
    expect(one.run.error).toMatchObject({ code: 'timeout', retryable: true });
    expect(one.run.error.message).toMatch(/ 100 ms \(timeouts\.\w+Ms\)\.$/);
  });

  it.each<[TimeoutTimer, Partial<TimeoutSettings>, Path, string]>([
    ['connect', { connectMs: 100 }, ['socket'], 'No connection was made within 100 ms (timeouts.connectMs).'],
    [
      'headers',
      { headersMs: 100 },
      ['socket', 'connect'],
      'The server sent no answer within 100 ms (timeouts.headersMs).',
    ],
    [
      'first-token',
      { firstTokenMs: 100 },
      TO_HEADERS,
      'The server accepted the request, but no text came within 100 ms (timeouts.firstTokenMs).',
    ],
    ['idle', { idleMs: 100 }, TO_TEXT, 'The connection went silent within 100 ms (timeouts.idleMs).'],
    [
      'content-idle',
      { contentIdleMs: 100 },
      TO_TEXT,
      'The stream went on without any text within 100 ms (timeouts.contentIdleMs).',
    ],
    ['attempt', { attemptMs: 100 }, TO_HEADERS, 'The attempt was not finished within 100 ms (timeouts.attemptMs).'],
  ])('%s reports what happened, and which setting decides', (...[timer, limits, from, message]) => {
    const one = attempt(limits);
    one.go(...from);
    one.clock.advance(101);
    expect([one.failed(), one.run.error.message]).toEqual([timer, message]);
  });

  it.each(TABLE.filter(({ to }) => to.length > 0))(
    '$timer ($wire) ends with the last of $to',
    ({ limits, wire, from, to }) => {
      const one = attempt(limits, { wire });
      one.go(...from);
      one.clock.advance(99);
      one.go(...to);
      one.clock.advance(10_000);
      expect(one.failed()).toBeUndefined();
    },
  );

  it.each(TABLE)('$timer ($wire) ends with the attempt', ({ limits, wire, from }) => {
    const one = attempt(limits, { wire });
    one.go(...from);
    one.events.next(anEnd());
    one.events.complete();
    expect([one.run.isComplete, one.clock.pending]).toEqual([true, 0]);
  });

  it.each(TABLE)('$timer ($wire) is off at 0', ({ limits, wire, from }) => {
    const one = attempt(Object.fromEntries(Object.keys(limits).map((name) => [name, 0])), { wire });
    one.go(...from);
    one.clock.advance(2 ** 40);
    expect([one.failed(), one.clock.timersSet]).toEqual([undefined, 0]);
  });

  it.each<[TimeoutTimer, Partial<TimeoutSettings>, Path]>([
    ['first-token', { firstTokenMs: 100 }, TO_HEADERS],
    ['content-idle', { contentIdleMs: 100 }, TO_TEXT],
    ['attempt', { attemptMs: 100 }, TO_TEXT],
  ])('%s is not put off by comments: bytes without content', (timer, limits, from) => {
    const one = attempt(limits);
    one.go(...from);
    thrice(() => {
      one.clock.advance(30);
      one.go('bytes');
    });
    one.clock.advance(11);
    expect(one.failed()).toBe(timer);
  });

  it('idle is put off by any byte, of a stream and of JSON', () => {
    for (const [wire, from] of [
      ['sse', TO_TEXT],
      ['json', TO_HEADERS],
    ] as const) {
      const one = attempt({ idleMs: 100 }, { wire });
      one.go(...from);
      thrice(() => {
        one.clock.advance(100);
        one.go('bytes');
      });
      expect(firesAfter100(one)).toBe('idle');
    }
  });

  it('content-idle is put off by content, also if a provider reports no bytes', () => {
    const one = attempt({ contentIdleMs: 100 });
    one.go(...TO_HEADERS, 'content');
    thrice(() => {
      one.clock.advance(100);
      one.go('content');
    });
    expect(firesAfter100(one)).toBe('content-idle');
  });

  it('attempt is not put off by anything', () => {
    const one = attempt({ attemptMs: 100 });
    one.go(...TO_HEADERS);
    thrice(() => {
      one.clock.advance(33);
      one.go('text');
    });
    one.clock.advance(2);
    expect(one.failed()).toBe('attempt');
  });

  it('headers is 60 s for a stream and off for JSON unless a number is set, which applies to both', () => {
    const stream = attempt({ headersMs: null });
    stream.go('socket', 'connect');
    stream.clock.advance(60_000);
    expect(stream.failed()).toBeUndefined();
    stream.clock.advance(1);
    expect(stream.failed()).toBe('headers');
    const json = attempt({ headersMs: null }, { wire: 'json' });
    json.go('socket', 'connect');
    expect(json.clock.pending).toBe(0);
  });

  it.each([
    ['first-token', { firstTokenMs: 1 }],
    ['content-idle', { contentIdleMs: 1 }],
  ] as const)('%s does not apply to JSON, which is silent until it is complete', (_name, limits) => {
    const one = attempt(limits, { wire: 'json' });
    one.go(...TO_TEXT, 'text');
    expect([one.clock.timersSet, one.clock.pending]).toEqual([0, 0]);
  });

  it('fires the earliest of several, each counted from its own start', () => {
    const one = attempt({ connectMs: 50, headersMs: 100, firstTokenMs: 100, idleMs: 70, attemptMs: 300 });
    one.go('socket');
    one.clock.advance(49);
    one.go('connect');
    one.clock.advance(90);
    one.go('headers');
    one.clock.advance(90);
    one.go('text');
    one.clock.advance(69);
    expect(one.failed()).toBeUndefined();
    one.clock.advance(2);
    expect(one.failed()).toBe('idle');
  });

  it("prefers the request's own limits to the configured ones", () => {
    const one = attempt({ connectMs: 10_000, headersMs: 100 }, { overrides: { timeouts: { connectMs: 100 } } });
    one.go('socket');
    expect(firesAfter100(one)).toBe('connect');
  });
});

describe('the watchdog', () => {
  it('checks twice: bytes that arrive before the second check save the attempt', () => {
    const one = attempt({ idleMs: 100 });
    one.go(...TO_TEXT);
    one.clock.advance(100);
    one.go('bytes');
    one.clock.advance(100);
    expect(one.failed()).toBeUndefined();
    one.clock.advance(1);
    expect(one.failed()).toBe('idle');
  });

  it('does not abort an attempt that has received bytes since the first check, though the thread stalled after it', () => {
    const one = attempt({ idleMs: 100 });
    one.go(...TO_TEXT);
    one.clock.advance(100);
    one.go('bytes');
    one.clock.stoodStillMs = 500;
    one.clock.advance(1);
    expect(one.failed()).toBeUndefined();
    one.clock.advance(2);
    expect(one.failed()).toBe('idle');
  });

  it('sets no timer per token: 1,000 tokens cost none', () => {
    const one = attempt({
      connectMs: 100,
      headersMs: 100,
      firstTokenMs: 100,
      idleMs: 100,
      contentIdleMs: 100,
      attemptMs: 10_000,
    });
    one.go(...TO_TEXT);
    const before = one.clock.timersSet;
    for (let token = 0; token < 1_000; token += 1) {
      one.go('text');
      one.events.next(TEXT);
    }
    expect(one.clock.timersSet).toBe(before);
    expect(one.clock.pending).toBe(1);
    expect(one.run.events).toHaveLength(1_000);
  });

  it('sets about one timer per idle time while tokens flow slowly', () => {
    const one = attempt({ idleMs: 100 });
    one.go(...TO_TEXT);
    for (let token = 0; token < 1_000; token += 1) {
      one.clock.advance(10);
      one.go('text');
    }
    expect(one.failed()).toBeUndefined();
    expect(one.clock.timersSet).toBeLessThan(((1_000 * 10) / 100) * 2);
  });

  it('keeps a single timer whatever runs', () => {
    const one = attempt({
      connectMs: 100,
      headersMs: 100,
      firstTokenMs: 100,
      idleMs: 100,
      contentIdleMs: 100,
      attemptMs: 100,
    });
    const pending = (['socket', 'connect', 'headers', 'text', 'text'] as const).map((step) => {
      one.go(step);
      return one.clock.pending;
    });
    expect(pending).toEqual([1, 1, 1, 1, 1]);
  });

  it('stops the attempt at its timeout and ignores its later events', () => {
    const one = attempt({ headersMs: 100 });
    one.go('socket', 'connect');
    one.clock.advance(101);
    expect([one.failed(), one.events.observed]).toEqual(['headers', false]);
    one.events.next(TEXT);
    one.go('bytes');
    expect([one.run.events.length, one.clock.pending]).toEqual([0, 0]);
  });

  it('leaves no timer after unsubscription', () => {
    const one = attempt({ headersMs: 100 });
    one.go('socket', 'connect');
    expect(one.clock.pending).toBe(1);
    one.run.stop();
    one.clock.advance(1_000);
    expect([one.clock.pending, one.run.hasFailed, one.events.observed]).toEqual([0, false, false]);
  });

  it('sets no timer after unsubscription', () => {
    const one = attempt({ headersMs: 100, firstTokenMs: 100, idleMs: 100, contentIdleMs: 100 });
    one.run.stop();
    one.go(...TO_TEXT);
    expect(one.clock.pending).toBe(0);
  });

  it('keeps reporting to the outer monitor', () => {
    const heard: string[] = [];
    const found: AttemptMonitor = {
      onSocket: (reused) => heard.push(`socket ${reused}`),
      onConnect: () => heard.push('connect'),
      onHeaders: (status) => heard.push(`headers ${status}`),
      onBytes: (count) => heard.push(`bytes ${count}`),
      onContent: () => heard.push('content'),
    };
    attempt({}, { context: RequestContext.empty.with(ATTEMPT_MONITOR, found) }).go(...TO_TEXT);
    expect(heard).toEqual(['socket false', 'connect', 'headers 200', 'bytes 1', 'content']);
  });

  it('bounds an attempt whose provider reports no socket', () => {
    const one = attempt({ attemptMs: 100 });
    expect(firesAfter100(one)).toBe('attempt');
  });

  it('pauses while the reader applies backpressure', () => {
    const state = newGenerationState(0);
    const one = attempt({ idleMs: 100, contentIdleMs: 150, attemptMs: 1_000 }, withState({}, state));
    one.go(...TO_TEXT);
    one.clock.advance(60);
    state.backpressure.pause();
    expect(one.clock.pending).toBe(0);
    one.clock.advance(10_000);
    state.backpressure.resume();
    one.clock.advance(40);
    expect(one.failed()).toBeUndefined();
    one.clock.advance(1);
    expect(one.failed()).toBe('idle');
  });
});
