/** Thresholds and durations of a `CircuitBreaker`. */
export interface BreakerSettings {
  /** Failure rate, 0 to 1, that opens the breaker. */
  readonly failureRate: number;
  /** Calls in the window below which the rate is not judged. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** Consecutive connection failures that open the breaker, whatever the rate. */
  readonly connectionFailures: number;
  /** Duration of the open state. Doubles each time a probe fails, up to `longestOpenMs`. */
  readonly openMs: number;
  readonly longestOpenMs: number;
  /** Time after which the next probe is admitted, though one is still running. */
  readonly probeLeaseMs: number;
}

/** The result of a call for the breaker; `neutral` is ignored. */
export type Verdict = 'success' | 'failure' | 'connection-failure' | 'neutral';

/** The right to make one call. */
export interface CircuitPass {
  readonly isProbe: boolean;
  /** The number of openings of the breaker when the pass was issued. */
  readonly generation: number;
  /** End of the probe's lease, during which it is the only one. */
  readonly leaseUntil: number;
}

/**
 * A circuit breaker. Closed, it admits and counts all calls. Open, it admits none for a while; then one probe at a time
 * decides. A probe holds a lease, so one that hangs does not keep the breaker open. All times are monotonic
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

  /** When the next call may be made: `now` or later. Later if the breaker is open or a probe is in progress. */
  availableAt(now: number): number {
    return Math.max(now, this.openUntil ?? now, this.probeUntil);
  }

  /** `open` until `availableAt`; `probing` while the call under way decides. */
  stateAt(now: number): 'closed' | 'open' | 'probing' {
    if (!this.isOpen) return 'closed';
    return this.probeUntil > now ? 'probing' : 'open';
  }

  /** Issues the pass for one call, after `availableAt` has returned `now`. */
  enter(now: number): CircuitPass {
    const { isOpen: isProbe } = this;
    const leaseUntil = isProbe ? now + this.settings.probeLeaseMs : -Infinity;
    this.probeUntil = leaseUntil;
    return { isProbe, generation: this.generation, leaseUntil };
  }

  /** False if the breaker has opened since: the pass admits no call, and its result is out of date. */
  isValid({ generation }: CircuitPass): boolean {
    return generation === this.generation;
  }

  /** Records how a call ended. Ignores calls that began before the last opening. */
  record(pass: CircuitPass, verdict: Verdict, now: number): void {
    if (!this.isValid(pass)) return;
    if (this.isOpen) this.recordProbe(pass, verdict, now);
    else if (verdict !== 'neutral') this.recordCall(verdict, now);
  }

  private recordProbe({ leaseUntil }: CircuitPass, verdict: Verdict, now: number): void {
    // A probe that has outlived its lease must not end the lease of the next.
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

interface Call {
  readonly at: number;
  readonly failed: boolean;
}

/** Calls outside the window are kept up to this number, then discarded together. */
const MOST_GONE = 1_000;

/** Counts the calls of a sliding window, and the failed ones among them. Constant amortised time per call. */
export class RecentCalls {
  private calls: Call[] = [];
  /** Index of the first call in the window. */
  private first = 0;
  private failures = 0;

  /** @param windowMs how long a call counts */
  constructor(private readonly windowMs: number) {}

  get count(): number {
    return this.calls.length - this.first;
  }

  get failed(): number {
    return this.failures;
  }

  /** @param call its `at` is in monotonic milliseconds and never decreases */
  add(call: Call): void {
    for (
      let oldest = this.calls[this.first];
      oldest !== undefined && oldest.at <= call.at - this.windowMs;
      oldest = this.calls[this.first]
    ) {
      if (oldest.failed) this.failures -= 1;
      this.first += 1;
    }
    if (this.first > MOST_GONE && this.first > this.count) {
      this.calls = this.calls.slice(this.first);
      this.first = 0;
    }
    this.calls.push(call);
    if (call.failed) this.failures += 1;
  }

  clear(): void {
    this.calls = [];
    this.first = 0;
    this.failures = 0;
  }
}
