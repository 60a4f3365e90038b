import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import type { Subscription } from 'rxjs';
import { ManualClock } from 'scriptorium/testing';
import { localLimits } from '../../src/chain/admit/local-limits.js';
import { effectiveKeys } from '../../src/chain/admit/rate-limit.js';
import { memoryStateStore } from '../../src/chain/admit/state-store.js';
import type { Handler } from '../../src/core/interceptor.js';
import { ATTEMPT_MONITOR } from '../../src/core/monitor.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { anAdmission, NO_RATE_LIMITS } from '../chain/admit/admission-parts.js';
import { IS_FULL, show } from './figures.js';

const WAITERS = IS_FULL ? 100_000 : 10_000;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory that is left, bytes. */
function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Milliseconds of the processor. */
function cpu(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe(`${WAITERS.toLocaleString('en')} waiters before one limit`, () => {
  it('cost a little memory each, one timer in all, and time in proportion to their number', () => {
    const clock = new ManualClock();
    const limits = localLimits({ clock, skewMs: 0, store: memoryStateStore() });
    const keys = effectiveKeys(NO_RATE_LIMITS, [{ key: 'account', limits: { requestsPerMinute: 1_000 } }]);
    const admission = anAdmission(clock, { limits, limitKeys: () => keys });
    const request = aRequest({ overrides: { retry: { maxRetryAfterMs: Infinity } } });
    const subscriptions: Subscription[] = Array<Subscription>(WAITERS);
    const order: number[] = [];
    const before = heap();
    const entering = cpu(() => {
      for (let index = 0; index < WAITERS; index += 1) {
        const attempt: Handler = ({ context }) => {
          order.push(index);
          context.get(ATTEMPT_MONITOR).onConnect();
          return NEVER;
        };
        subscriptions[index] = admission.intercept(request, attempt).subscribe();
      }
    });
    const bytes = (heap() - before) / WAITERS;
    expect(clock.pending).toBe(1);
    const serving = cpu(() => clock.advance(60_000 * (WAITERS / 2 / 1_000)));
    const served = order.length;
    const pausing = cpu(() => limits.pause(keys, 1_000));
    const leaving = cpu(() => subscriptions.forEach((subscription) => subscription.unsubscribe()));
    subscriptions.length = 0;
    const left = heap() - before;
    show(`${WAITERS} waiters`, {
      'bytes each': bytes,
      'µs to enter': (entering * 1000) / WAITERS,
      'µs to serve': (serving * 1000) / served,
      'ms to tell all of a pause': pausing,
      'µs to leave': (leaving * 1000) / (WAITERS - served),
      'MB left': left / 1e6,
    });
    expect(served).toBeGreaterThanOrEqual(WAITERS / 2);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(clock.pending).toBe(0);
    expect(bytes).toBeLessThan(4_000);
    expect(entering + serving + pausing + leaving).toBeLessThan(WAITERS * 0.2);
    expect(left).toBeLessThan(WAITERS * 200);
  });
});
