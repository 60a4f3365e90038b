import { describe, expect, it } from '@jest/globals';
import type { Breakers } from '../../src/core/ports.js';
import { breakerStates } from '../../src/pipeline/breaker-states.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { someBreakers } from '../chain/admit/admission-parts.js';
import { enter } from '../chain/admit/enter.js';

/** Takes a pass of the breaker of a key, and records a result. */
function call(breakers: Breakers, key: string, verdict?: 'success' | 'connection-failure'): void {
  const { lease } = enter(breakers.acquire(key));
  if (verdict !== undefined) lease.record(verdict);
}

describe('the breakers of a pipeline', () => {
  it('are closed, open until a time, or probing, each under its provider and model', () => {
    const clock = new ManualClock(10_000);
    const breakers = someBreakers(clock);
    call(breakers, 'openrouter/a/model', 'success');
    for (let failure = 0; failure < 3; failure += 1) call(breakers, 'openrouter/b/model', 'connection-failure');
    const opened = breakerStates(breakers, clock);
    clock.advance(1_000);
    call(breakers, 'openrouter/b/model');
    expect({ opened, probing: breakerStates(breakers, clock)[1] }).toEqual({
      opened: [
        { provider: 'openrouter', model: 'a/model', state: 'closed' },
        { provider: 'openrouter', model: 'b/model', state: 'open', untilMs: 11_000 },
      ],
      probing: { provider: 'openrouter', model: 'b/model', state: 'probing', untilMs: 16_000 },
    });
  });

  it('are not listed where breakers that live elsewhere do not report them', () => {
    const clock = new ManualClock();
    const local = someBreakers(clock);
    const silent: Breakers = { acquire: (key) => local.acquire(key), isOpen: (key) => local.isOpen(key) };
    expect(breakerStates(silent, clock)).toEqual([]);
  });
});
