import type { Cancel, Clock } from '../../core/clock.js';
import { TimeoutError } from '../../core/errors/classes.js';
import type { TimeoutTimer } from '../../core/errors/classes.js';
import type { AttemptMonitor } from '../../core/monitor.js';
import type { Wire } from '../../core/request.js';
import type { TimeoutSettings } from '../../core/settings.js';

type AttemptTimer = Exclude<TimeoutTimer, 'queue' | 'deadline'>;

export interface WatchdogParts {
  readonly limits: TimeoutSettings;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly expire: (error: TimeoutError) => void;
}

/** The delay before an expired timer is checked again: the sockets are read in between. */
const SECOND_LOOK_MS = 1;

/** When a timer runs out, on the monotonic clock, unless progress moves it. */
interface Due {
  readonly timer: AttemptTimer;
  readonly at: number;
}

/**
 * All timers of one attempt on a single clock timer. Each is a time stamp that progress moves forward; the clock timer
 * is set anew only where a phase of the attempt is due before it, and when it fires it looks which stamp is really too old.
 * A blocked event loop causes no false alarm: before a verdict, sockets get one chance to be read, and whatever they bring
 * counts, however late it is.
 */
export class Watchdog implements AttemptMonitor {
  private readonly limits: Record<AttemptTimer, number>;
  /** Monotonic time since which each running timer has seen no progress. */
  private readonly since = new Map<AttemptTimer, number>();
  private readonly isStream: boolean;
  private cancelTimer: Cancel = () => undefined;
  /** When the clock timer fires, on the monotonic clock. */
  private firesAt = Infinity;
  private sawContent = false;
  private pausedAt: number | undefined;
  private isStopped = false;

  constructor(private readonly parts: WatchdogParts) {
    this.isStream = parts.wire === 'sse';
    this.limits = attemptLimits(parts.limits, this.isStream);
  }

  onSocket(): void {
    this.enter(['connect'], ['attempt']);
  }

  onConnect(): void {
    this.enter(['headers', 'attempt'], ['connect']);
  }

  onHeaders(): void {
    this.enter([this.isStream ? 'first-token' : 'idle'], ['headers']);
  }

  onBytes(): void {
    this.touch('idle');
  }

  onContent(): void {
    if (this.sawContent) this.touch('content-idle');
    else if (this.isStream) this.enter(['idle', 'content-idle'], ['first-token']);
    this.sawContent = true;
  }

  /** Starts the timers. An attempt whose socket is not reported counts from here, others from their connection. */
  start(): void {
    this.enter(['attempt'], []);
  }

  /** While the reader holds the socket back, nothing can move and no time counts. */
  suspend(isPaused: boolean): void {
    const now = this.parts.clock.monotonic();
    if (isPaused) {
      this.disarm();
      this.pausedAt = now;
      return;
    }
    const { pausedAt = now } = this;
    this.pausedAt = undefined;
    for (const [timer, stamp] of this.since) this.since.set(timer, stamp + now - Math.max(pausedAt, stamp));
    this.arm();
  }

  /** Stops for good: the monitor may receive more after the end. */
  stop(): void {
    this.isStopped = true;
    this.since.clear();
    this.disarm();
  }

  private touch(timer: AttemptTimer): void {
    if (this.since.has(timer)) this.since.set(timer, this.parts.clock.monotonic());
  }

  private enter(begin: readonly AttemptTimer[], end: readonly AttemptTimer[]): void {
    const now = this.parts.clock.monotonic();
    for (const timer of end) this.since.delete(timer);
    for (const timer of begin) if (this.limits[timer] > 0) this.since.set(timer, now);
    this.arm();
  }

  private arm(): void {
    if (this.isStopped || this.pausedAt !== undefined) return;
    const next = this.earliest();
    if (next !== undefined && next.at < this.firesAt) this.setTimer(next.at - this.parts.clock.monotonic());
  }

  private disarm(): void {
    this.firesAt = Infinity;
    this.cancelTimer();
  }

  private setTimer(ms: number, suspect?: Due): void {
    const { clock } = this.parts;
    this.cancelTimer();
    this.firesAt = clock.monotonic() + ms;
    this.cancelTimer = clock.setTimer(Math.max(ms, 0), () => this.look(suspect));
  }

  /** @param suspect what had run out at the first look */
  private look(suspect: Due | undefined): void {
    this.firesAt = Infinity;
    const next = this.earliest();
    if (next === undefined || next.at > this.parts.clock.monotonic()) this.arm();
    else if (suspect?.timer === next.timer && suspect.at === next.at)
      this.parts.expire(timedOut(next.timer, this.limits[next.timer]));
    else this.setTimer(SECOND_LOOK_MS, next);
  }

  private earliest(): Due | undefined {
    let first: Due | undefined;
    for (const [timer, stamp] of this.since) {
      const at = stamp + this.limits[timer];
      if (first === undefined || at < first.at) first = { timer, at };
    }
    return first;
  }
}

const DEFAULT_SSE_HEADERS_MS = 60_000;

/** Timers of streams do not apply to a JSON answer, which is silent until it is complete. */
function attemptLimits(limits: TimeoutSettings, isStream: boolean): Record<AttemptTimer, number> {
  return {
    connect: limits.connectMs,
    headers: limits.headersMs ?? (isStream ? DEFAULT_SSE_HEADERS_MS : 0),
    'first-token': isStream ? limits.firstTokenMs : 0,
    idle: limits.idleMs,
    'content-idle': isStream ? limits.contentIdleMs : 0,
    attempt: limits.attemptMs,
  };
}

const WHAT_HAPPENED: Record<AttemptTimer, { readonly what: string; readonly setting: keyof TimeoutSettings }> = {
  connect: { what: 'No connection was made', setting: 'connectMs' },
  headers: { what: 'The server sent no answer', setting: 'headersMs' },
  'first-token': { what: 'The server accepted the request, but no text came', setting: 'firstTokenMs' },
  idle: { what: 'The connection went silent', setting: 'idleMs' },
  'content-idle': { what: 'The stream went on without any text', setting: 'contentIdleMs' },
  attempt: { what: 'The attempt was not finished', setting: 'attemptMs' },
};

function timedOut(timer: AttemptTimer, limitMs: number): TimeoutError {
  const { what, setting } = WHAT_HAPPENED[timer];
  return new TimeoutError(timer, `${what} within ${limitMs} ms (timeouts.${setting}).`, { retryable: true });
}
