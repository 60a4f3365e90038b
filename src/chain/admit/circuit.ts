import { RecentCalls } from './recent-calls.js';

export interface BreakerSettings {
  /** Share of failures, 0 to 1, at which it opens. */
  readonly failureRate: number;
  /** It takes at least so many calls in the window to judge. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** So many connection failures in a row open it, whatever the rate. */
  readonly connectionFailures: number;
  /** How long it stays open; doubles each time a probe fails, up to `longestOpenMs`. */
  readonly openMs: number;
  readonly longestOpenMs: number;
  /** How long a probe may take before another one is let through. */
  readonly probeLeaseMs: number;
}

/** What a call proved about the server; `neutral` is nothing. */
export type Verdict = 'success' | 'failure' | 'connection-failure' | 'neutral';

/** The right to make one call. */
export interface CircuitPass {
  readonly isProbe: boolean;
  /** How often the breaker had opened when it was given. */
  readonly generation: number;
  /** Until when a probe is the only one. */
  readonly leaseUntil: number;
}

/**
 * A circuit breaker: closed it lets everything through and counts; open it lets nothing through for a while; then one
 * probe at a time decides. A probe's right is a lease, so one that hangs does not keep it shut. All times are monotonic
 * milliseconds. Source: M. Nygard, "Release It!", 2007; the lease is our addition.
 */
export class CircuitBreaker {
  private readonly calls: RecentCalls;
  private connectionFailures = 0;
  private openUntil: number | undefined;
  private timesOpened = 0;
  private generation = 0;
  private probeUntil = -Infinity;

  constructor(
    private readonly settings: BreakerSettings,
    private readonly random: () => number,
  ) {
    this.calls = new RecentCalls(settings.windowMs);
  }

  get isOpen(): boolean {
    return this.openUntil !== undefined;
  }

  /** When the next call may be made: `now` or later. Later means that it is open, or that a probe is under way. */
  availableAt(now: number): number {
    return Math.max(now, this.openUntil ?? now, this.probeUntil);
  }

  /** Takes the right to one call, which `availableAt` has granted. */
  enter(now: number): CircuitPass {
    const isProbe = this.openUntil !== undefined;
    const leaseUntil = isProbe ? now + this.settings.probeLeaseMs : -Infinity;
    this.probeUntil = leaseUntil;
    return { isProbe, generation: this.generation, leaseUntil };
  }

  /** False once the breaker has opened since: the pass gives no right any more, and says nothing about the server of now. */
  isValid({ generation }: CircuitPass): boolean {
    return generation === this.generation;
  }

  /** Records how a call ended. What began before the last opening proves nothing and is dropped. */
  record(pass: CircuitPass, verdict: Verdict, now: number): void {
    if (!this.isValid(pass)) return;
    if (this.openUntil !== undefined) this.recordProbe(pass, verdict, now);
    else if (verdict !== 'neutral') this.recordCall(verdict, now);
  }

  private recordProbe({ leaseUntil }: CircuitPass, verdict: Verdict, now: number): void {
    // One that has outlived its lease must not end that of the next.
    if (leaseUntil === this.probeUntil) this.probeUntil = -Infinity;
    if (verdict === 'success') this.close();
    else if (verdict !== 'neutral') this.open(now);
  }

  private recordCall(verdict: Exclude<Verdict, 'neutral'>, now: number): void {
    this.connectionFailures = verdict === 'connection-failure' ? this.connectionFailures + 1 : 0;
    this.calls.add({ at: now, failed: verdict !== 'success' });
    const { count, failed } = this.calls;
    const isFailing = count >= this.settings.minimumCalls && failed / count >= this.settings.failureRate;
    if (isFailing || this.connectionFailures >= this.settings.connectionFailures) this.open(now);
  }

  private open(now: number): void {
    const { openMs, longestOpenMs } = this.settings;
    const ms = Math.min(openMs * 2 ** this.timesOpened, longestOpenMs);
    this.openUntil = now + ms * (1 + this.random() * 0.1);
    this.timesOpened += 1;
    this.generation += 1;
    this.probeUntil = -Infinity;
    this.calls.clear();
    this.connectionFailures = 0;
  }

  private close(): void {
    this.openUntil = undefined;
    this.probeUntil = -Infinity;
    this.timesOpened = 0;
    this.calls.clear();
    this.connectionFailures = 0;
  }
}
