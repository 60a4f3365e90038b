import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RUNS } from '../../../support/runs.js';
import { CallsModel } from './calls-model.js';
import type { Action } from './calls-model.js';
import { gatewayCalls } from './gateway-calls.js';

const which = fc.nat(5);
/** Mostly one request, so that its generations meet. */
const mostly = <T>(often: T, seldom: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(often) }, { weight: 1, arbitrary: fc.constant(seldom) });
const opens: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('open'),
  client: mostly<'ada' | 'bob'>('ada', 'bob'),
  body: mostly<'a' | 'b'>('a', 'b'),
});
const acts = (type: 'leave' | 'write' | 'finish' | 'deliver'): fc.Arbitrary<Action> =>
  fc.record({ type: fc.constant(type), which });
const fails: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('fail'),
  which,
  how: fc.constantFrom('broken', 'final', 'passing'),
});
const passes: fc.Arbitrary<Action> = fc.record({ type: fc.constant('advance'), share: fc.constantFrom(0.3, 0.7, 1) });
const actions = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: opens },
    { weight: 5, arbitrary: acts('leave') },
    { weight: 4, arbitrary: acts('write') },
    { weight: 2, arbitrary: acts('finish') },
    { weight: 1, arbitrary: acts('deliver') },
    { weight: 2, arbitrary: fails },
    { weight: 2, arbitrary: passes },
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
);

it('gives each client that comes back its own generation, by a plain model of the rules, and leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(actions, async (sequence) => {
      const gateway = await gatewayCalls();
      const model = new CallsModel(gateway);
      try {
        for (const [step, one] of sequence.entries()) {
          await model.act(one);
          expect({ step, ...model.actual() }).toEqual({ step, ...model.expected() });
        }
        await model.leaveAll();
        expect(model.actual()).toEqual({ ...model.expected(), running: [], timers: 0, held: [] });
      } finally {
        await gateway.close();
      }
    }),
    RUNS,
  );
});
