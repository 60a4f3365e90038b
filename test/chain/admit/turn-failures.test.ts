import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { Admission, Lease } from '../../../src/core/ports.js';
import { NO_BUDGETS } from './admission-parts.js';
import { watchedGates } from './watched-gates.js';

describe('stores that give no answer', () => {
  it('fail an attempt as unavailable after the patience of retry.maxRetryAfterMs, at no cost in attempts', () => {
    const { clock, answers, generate, held } = watchedGates();
    answers.limits = () => ({ reason: 'store', retryInMs: 1_000 });
    const [first, second] = [generate(), generate()];
    clock.advance(89_999);
    expect([first.run.hasFailed, second.run.hasFailed]).toEqual([false, false]);
    clock.advance(1_000);
    for (const { run, state } of [first, second]) {
      expect(run.error).toMatchObject({ code: 'unavailable', retryable: true });
      expect([run.types, state.requests]).toEqual([['waiting'], 0]);
    }
    expect([held(), clock.pending]).toEqual([[], 0]);
  });

  it('do not make lines wake each other for nothing', () => {
    const gates = watchedGates();
    let asked = 0;
    gates.answers.limits = () => {
      asked += 1;
      const lease = gates.issue('limits');
      return { ...lease, release: () => gates.changes.limits.next() };
    };
    gates.answers.reservation = () => ({ refusedScope: 'store', mayFitLater: true, isUnavailable: true });
    for (let line = 0; line < 12; line += 1) gates.generate({ provider: `p${line}` });
    expect(asked).toBeLessThan(200);
  });
});

describe('a generation that has used up its own budget', () => {
  it.each(['at once', 'after a wait'])('fails, with everything given back, also if it gets a slot %s', (how) => {
    const gates = watchedGates({ budget: { ...NO_BUDGETS, generationTokens: 1 } });
    const slots = new Subject<Admission<Lease>>();
    if (how === 'after a wait') gates.answers.slot = () => slots;
    const { run } = gates.generate({ maxTokens: 100 });
    if (how === 'after a wait') {
      slots.next({ type: 'waiting', for: 'slot' });
      slots.next({ type: 'admitted', lease: gates.issue('slot') });
    }
    expect([run.error.code, gates.held()]).toEqual(['budget', []]);
  });
});
