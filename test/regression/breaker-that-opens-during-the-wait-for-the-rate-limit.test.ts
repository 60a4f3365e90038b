import { expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { compose } from '../../src/core/compose.js';
import type { GenerationEvent } from '../../src/core/events.js';
import type { LimitLease, LimitRefusal, LimitStore } from '../../src/core/ports.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { anAdmission, someBreakers } from '../chain/admit/admission-parts.js';
import { flushed } from '../support/flushed.js';

it('sends an attempt back to the breaker, and gives its lease back, if the breaker opened while it waited', async () => {
  const clock = new ManualClock();
  const breakers = someBreakers(clock, { connectionFailures: 1 });
  const answers: ((answer: LimitLease | LimitRefusal) => void)[] = [];
  const given: string[] = [];
  const lease: LimitLease = {
    isValid: () => true,
    sent: () => given.push('sent'),
    release: () => given.push('release'),
    settle: () => given.push('settle'),
  };
  const limits: LimitStore = { take: () => new Promise((resolve) => answers.push(resolve)), pause: () => undefined };
  let sent = 0;
  const chain = compose([anAdmission(clock, { breakers, limits })], () => {
    sent += 1;
    return NEVER;
  });
  const request = aRequest();
  const events: GenerationEvent[] = [];
  const generation = chain(request).subscribe((event) => events.push(event));

  // Another attempt fails, which opens the breaker; then the limits admit this one.
  breakers.acquire(`${request.provider}/${request.model}`).subscribe((step) => {
    if (step.type === 'admitted') step.lease.record('connection-failure');
  });
  answers[0]?.(lease);
  await flushed();

  expect({ sent, given, waits: events.flatMap((event) => (event.type === 'waiting' ? [event.for] : [])) }).toEqual({
    sent: 0,
    given: ['release'],
    waits: ['breaker'],
  });
  generation.unsubscribe();
  expect(clock.pending).toBe(0);
});
