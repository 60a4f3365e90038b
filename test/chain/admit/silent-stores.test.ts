import { describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import type { AdmissionParts } from '../../../src/chain/admit/attempt-gates.js';
import type { LimitLease, LimitStore, Reservation, Spending } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { chain, watch } from '../chain.js';
import { anAdmission, NO_BUDGETS } from './admission-parts.js';

/** One place, taken and given back at once, without any signal of it. */
function onePlace() {
  let isTaken = false;
  const lease: LimitLease & Reservation = {
    isValid: () => true,
    sent: () => undefined,
    settle: () => {
      isTaken = false;
    },
    release: () => {
      isTaken = false;
    },
  };
  return {
    take: () => {
      if (isTaken) return undefined;
      isTaken = true;
      return lease;
    },
  };
}

const limits = (): LimitStore => {
  const { take } = onePlace();
  return { take: () => take() ?? { reason: 'rate-limit' }, pause: () => undefined };
};
const spending = (): Spending => {
  const { take } = onePlace();
  return { reserve: () => take() ?? { refusedScope: 'process', mayFitLater: true } };
};

describe('a part of the same process that gives neither a time nor a signal', () => {
  it.each<[string, () => Partial<AdmissionParts>]>([
    ['limits', () => ({ limits: limits() })],
    ['spending', () => ({ spending: spending(), budget: { ...NO_BUDGETS, processTokens: 1_000 } })],
  ])('is asked again every second: %s', (_name, parts) => {
    const clock = new ManualClock();
    const interceptor = anAdmission(clock, parts());
    let started = 0;
    const run = () =>
      watch(
        chain(() => {
          started += 1;
          return NEVER;
        }, interceptor)(aRequest()),
      );
    const [first] = [run(), run()];
    clock.advance(3_000);
    expect(started).toBe(1);
    first.stop();
    clock.advance(1_000);
    expect(started).toBe(2);
  });
});
