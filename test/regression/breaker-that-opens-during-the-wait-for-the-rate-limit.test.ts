import { expect, it } from '@jest/globals';
import { NEVER, Subject } from 'rxjs';
import { breaker, localBreakers } from '../../src/chain/admit/breaker.js';
import { rateLimit } from '../../src/chain/admit/rate-limit.js';
import { compose } from '../../src/core/compose.js';
import type { GenerationEvent } from '../../src/core/events.js';
import type { Admission, BreakerPass, Permit, RateLimiter } from '../../src/core/ports.js';
import { BASE_SCHEMA } from '../../src/config/base-schema.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import type { RateLimitParts } from '../../src/chain/admit/rate-limit.js';

const BREAKER = {
  failureRate: 0.8,
  minimumCalls: 5,
  windowMs: 1_000,
  connectionFailures: 1,
  openMs: 1_000,
  longestOpenMs: 1_000,
  probeLeaseMs: 1_000,
};
const settings = { maxAttempts: 1, baseMs: 0, capMs: 0, jitter: 'none', maxRetryAfterMs: 0 } as const;

it('sends an attempt back to the breaker, and gives its permit back, if the breaker opened while it waited', () => {
  const clock = new ManualClock();
  const breakers = localBreakers(clock, () => 0, BREAKER);
  const turn = new Subject<Admission<Permit>>();
  const given: string[] = [];
  const lease: LimitLease = {
    sent: () => given.push('sent'),
    release: () => given.push('release'),
    settle: () => given.push('settle'),
  };
  const limiter: RateLimiter = { acquire: () => turn, pause: () => undefined, heldUntil: () => undefined };
  const parts = {
    limiter,
    clock,
    retry: settings,
    rateLimit: {},
    timeouts: { queueMs: BASE_SCHEMA.timeouts.queueMs.default },
    limitKeys: () => [{ key: 'one', limits: {} }],
  } as unknown as RateLimitParts;
  let sent = 0;
  const chain = compose([breaker(breakers), rateLimit(parts)], () => {
    sent += 1;
    return NEVER;
  });
  const request = aRequest();
  const events: GenerationEvent[] = [];
  const generation = chain(request).subscribe((event) => events.push(event));

  // Another attempt fails, which opens the breaker; then the turn comes.
  breakers.acquire(`${request.provider}/${request.model}`).subscribe((step: Admission<BreakerPass>) => {
    if (step.type === 'admitted') step.lease.record('connection-failure');
  });
  turn.next({ type: 'admitted', permit });
  turn.complete();

  expect({ sent, given, waits: events.flatMap((event) => (event.type === 'waiting' ? [event.for] : [])) }).toEqual({
    sent: 0,
    given: ['release'],
    waits: ['breaker'],
  });
  generation.unsubscribe();
  expect(clock.pending).toBe(0);
});
