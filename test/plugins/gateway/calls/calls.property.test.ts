import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RUNS } from '../../../support/runs.js';
import { CallsModel } from './calls-model.js';
import type { Action } from './calls-model.js';
import { gatewayCalls } from './gateway-calls.js';

const which = fc.nat(5);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('open' as const),
      client: fc.constantFrom('ada' as const, 'bob' as const),
      body: fc.constantFrom('a' as const, 'b' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('leave' as const), which }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('write' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('finish' as const, 'deliver' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fail' as const),
      which,
      how: fc.constantFrom('broken' as const, 'final' as const, 'passing' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('advance' as const), share: fc.constantFrom(0.3, 0.7, 1) }) },
);

it('gives each client that comes back its own generation, by a plain model of the rules, and leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const gateway = await gatewayCalls();
      const model = new CallsModel(gateway);
      try {
        for (const [step, one] of actions.entries()) {
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
