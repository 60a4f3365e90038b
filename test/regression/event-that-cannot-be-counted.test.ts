import { expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { attemptStats } from '../../src/chain/attempt/attempt-stats.js';
import { compose } from '../../src/core/compose.js';
import type { GenerationError } from '../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../src/core/events.js';
import type { Stat } from '../../src/core/stats.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { aRequest } from '../../src/testing/request-builder.js';

it('ends the attempt of a provider that emits an invalid event as failed, naming the provider', () => {
  const stats: Stat[] = [];
  const errors: GenerationError[] = [];
  const invalid = { type: 'text-delta' } as unknown as GenerationEvent;
  const chain = compose([attemptStats((stat) => stats.push(stat), new ManualClock())], () => of(invalid));
  chain(aRequest()).subscribe({ error: (error: GenerationError) => errors.push(error) });
  expect(stats).toMatchObject([{ type: 'attempt-end', outcome: 'error', errorCode: 'internal' }]);
  expect(errors).toMatchObject([{ code: 'internal', provider: aRequest().provider }]);
});
