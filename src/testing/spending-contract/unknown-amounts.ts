import type { Spending } from '../../core/ports.js';
import { must } from '../must.js';
import type { PortCheck } from '../port-contract/scene.js';
import { by, demand, refused, reserved, spend, takenIn } from './scene.js';

/** The least amount that a pipeline asks for: 10⁻¹⁸ US dollars. */
const LEAST_USD = 1e-18;
const UNKNOWN = { tokens: 0, usd: 0, isCostUnknown: true } as const;
const unbounded = (usd = 0.5) => demand({ usd, unbounded: 'any/model' });

/** The promises of attempts whose amounts are not known before, or after. */
export const UNKNOWN_AMOUNTS = {
  'has one attempt of unknown amounts under way in a scope, over all processes': by(async (scene) => {
    const held = await reserved(scene.first, unbounded());
    const refusal = await refused(scene.second, unbounded());
    must(refusal.mayFitLater, 'An attempt that waits for another one of unknown amounts may fit later.');
    await reserved(scene.second, demand({ usd: 1 }));
    held.settle({ tokens: 0, usd: 1 });
    await scene.quiet();
    await reserved(scene.second, unbounded());
  }),
  'begins an attempt of unknown amounts if its least amount fits': by(async (scene) => {
    await spend(scene, 9.5);
    await refused(scene.second, unbounded(0.6));
    const held = await reserved(scene.second, unbounded(0.5));
    held.settle({ tokens: 0, usd: 0.5 });
    await scene.quiet();
    await refused(scene.first, unbounded(LEAST_USD));
  }),
  'counts the dearest known attempt for one whose cost stays unknown': by(async (scene) => {
    await spend(scene, 2);
    await spend(scene, 1);
    (await reserved(scene.first, demand({ usd: 0.5 }))).settle(UNKNOWN);
    await scene.quiet();
    must((await takenIn(scene.second)) === 5, 'Of 3 dollars spent the dearest is 2: an unknown cost makes them 5.');
  }),
  'gives a model up whose cost stays unknown, at once while no cost is known': by(async (scene) => {
    (await reserved(scene.first, unbounded())).settle(UNKNOWN);
    await scene.quiet();
    const refusal = await refused(scene.second, unbounded());
    must(!refusal.mayFitLater, 'A model whose cost stayed unknown, while no cost is known, is never tried again.');
    await reserved(scene.second, { ...unbounded(), unbounded: 'other/model' });
  }),
  'gives a model up after three unknown costs in a row once a cost is known': by(async (scene) => {
    await spend(scene, 1);
    for (let count = 0; count < 3; count += 1) {
      (await reserved(scene.first, unbounded())).settle(UNKNOWN);
      await scene.quiet();
    }
    await refused(scene.second, unbounded());
  }),
  'trusts a model again whose cost is named': by(async (scene) => {
    await spend(scene, 1);
    for (const used of [UNKNOWN, UNKNOWN, { tokens: 0, usd: 0.1 }, UNKNOWN, UNKNOWN]) {
      (await reserved(scene.first, unbounded())).settle(used);
      await scene.quiet();
    }
    await reserved(scene.second, unbounded());
  }),
} as const satisfies Readonly<Record<string, PortCheck<Spending>>>;
