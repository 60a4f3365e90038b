import type { Clock, Random } from '../../core/clock.js';
import type { BreakerPass, Breakers, BreakerVerdict } from '../../core/ports.js';
import { once } from '../../core/util/once.js';
import { CircuitBreaker } from './circuit.js';
import type { BreakerSettings } from './circuit.js';
import { queuesBy } from './queue.js';
import type { Gate } from './queue.js';

/** Circuit breakers of one process, by key. While one is open, callers queue; the first becomes the probe. */
export function localBreakers(clock: Clock, random: Random, settings: BreakerSettings): Breakers {
  const queueOf = queuesBy<BreakerGate, BreakerPass>(
    clock,
    (onChange) => new BreakerGate(new CircuitBreaker(settings, random), clock, onChange),
  );
  return {
    enter: (key) => queueOf(key).queue.enter(undefined),
    isOpen: (key) => {
      const now = clock.monotonic();
      return queueOf(key).gate.availableAt(now) > now;
    },
  };
}

class BreakerGate implements Gate<undefined, BreakerPass> {
  constructor(
    private readonly breaker: CircuitBreaker,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  availableAt(now: number): number {
    return this.breaker.availableAt(now);
  }

  admit(now: number): BreakerPass {
    const pass = this.breaker.enter(now);
    const record = (verdict: BreakerVerdict): void => {
      this.breaker.record(pass, verdict, this.clock.monotonic());
      this.onChange();
    };
    return { isProbe: pass.isProbe, isValid: () => this.breaker.isValid(pass), record: once(record) };
  }
}
