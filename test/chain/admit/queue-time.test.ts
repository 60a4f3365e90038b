import { describe, expect, it } from '@jest/globals';
import { concat, NEVER, of } from 'rxjs';
import { NO_TIMEOUTS } from '../chain.js';
import { watchedGates } from './watched-gates.js';

type Gates = ReturnType<typeof watchedGates>;

const WAITS: readonly (readonly [string, (gates: Gates) => void])[] = [
  [
    'the breaker',
    ({ answers }) => {
      answers.pass = () => concat(of({ type: 'waiting', for: 'breaker' } as const), NEVER);
    },
  ],
  [
    'the rate limit',
    ({ answers }) => {
      answers.limits = () => ({ reason: 'rate-limit' });
    },
  ],
  [
    'the quota',
    ({ answers }) => {
      answers.limits = () => ({ reason: 'quota', retryInMs: 60_000 });
    },
  ],
  [
    'a slot',
    ({ answers }) => {
      answers.slot = () => concat(of({ type: 'waiting', for: 'slot' } as const), NEVER);
    },
  ],
  [
    'the budget',
    ({ answers }) => {
      answers.reservation = () => ({ refusedScope: 'process', mayFitLater: true });
    },
  ],
  [
    'a store that does not answer',
    ({ answers }) => {
      answers.limits = () => ({ reason: 'store' });
    },
  ],
];

describe('the time in the queue', () => {
  it.each(WAITS)('covers the wait for %s, until the attempt leaves', (_what, close) => {
    const gates = watchedGates();
    close(gates);
    const { run, state } = gates.generate();
    gates.clock.advance(700);
    run.stop();
    expect([state.queueMs, run.types]).toEqual([700, ['waiting']]);
  });

  it.each(WAITS)('ends with a timeout that names %s', (what, close) => {
    const gates = watchedGates({ timeouts: { ...NO_TIMEOUTS, queueMs: 400 } });
    close(gates);
    const { run, state } = gates.generate();
    gates.clock.advance(400);
    expect(run.error).toMatchObject({ code: 'timeout', timer: 'queue', retryable: false });
    expect(run.error.message).toBe(
      `The request waited longer than 400 ms for ${what}. Raise timeouts.queueMs or the limit.`,
    );
    expect([state.queueMs, gates.held(), gates.clock.pending]).toEqual([400, [], 0]);
  });

  it('ends with a timeout that says when a wait would end, if that is known', () => {
    const gates = watchedGates({ timeouts: { ...NO_TIMEOUTS, queueMs: 400 } });
    gates.answers.limits = () => ({ reason: 'quota', retryInMs: 60_000 });
    const until = gates.clock.now() + 60_000;
    const { run } = gates.generate();
    gates.clock.advance(400);
    expect(run.error.retryAt).toBe(until);
  });

  it('ends with a timeout also if a gate says nothing at all', () => {
    const gates = watchedGates({ timeouts: { ...NO_TIMEOUTS, queueMs: 400 } });
    gates.answers.slot = () => NEVER;
    const { run } = gates.generate();
    gates.clock.advance(400);
    expect(run.error.message).toContain('400 ms for admission.');
    expect([gates.held(), gates.clock.pending]).toEqual([[], 0]);
  });
});
