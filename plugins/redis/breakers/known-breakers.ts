import type { BreakerStanding, Clock } from 'scriptorium/plugin';

type State = BreakerStanding['state'];

/** What a breaker has reported. */
export interface BreakerReport {
  /** How often it has opened. */
  readonly openings: number;
  readonly state: State;
  /** Milliseconds until the next call. */
  readonly ms: number;
}

interface KnownBreaker {
  openings: number;
  state: State;
  /** Monotonic milliseconds of the next call. */
  until: number;
}

/** The breakers as this process knows them. */
export class KnownBreakers {
  private readonly breakers = new Map<string, KnownBreaker>();

  constructor(private readonly clock: Clock) {}

  /** An older report than the last one says nothing. */
  learn(key: string, { openings, state, ms }: BreakerReport): void {
    const known = this.breakers.get(key);
    if (known !== undefined && openings < known.openings) return;
    this.breakers.set(key, { openings, state, until: this.clock.monotonic() + ms });
  }

  /** How often a breaker has opened, as far as is known. */
  openings(key: string): number {
    return this.breakers.get(key)?.openings ?? 0;
  }

  isOpen(key: string): boolean {
    const known = this.breakers.get(key);
    return known !== undefined && known.state !== 'closed' && known.until > this.clock.monotonic();
  }

  standings(): readonly BreakerStanding[] {
    const now = this.clock.monotonic();
    return [...this.breakers].map(([key, { state, until }]) =>
      state === 'closed' ? { key, state } : { key, state, retryInMs: Math.max(until - now, 0) },
    );
  }
}
