import type { Spending } from '../../core/ports.js';
import { must, said } from '../must.js';
import type { PortCheck } from '../port-contract/scene.js';
import { by, demand, refused, reserved, spend, takenIn } from './scene.js';

const HALF_DAY_MS = 43_200_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The promises of scopes that begin anew, and of reservations that last. */
export const PERIODS = {
  'begins a scope of the day anew at midnight UTC': by(async (scene) => {
    const daily = { scope: 'day', isDaily: true };
    await spend(scene, 10, daily);
    await scene.pass(HALF_DAY_MS - 1_000);
    await refused(scene.second, demand({ ...daily, usd: 1 }));
    await scene.pass(2_000);
    await reserved(scene.second, demand({ ...daily, usd: 10 }));
  }),
  'begins a scope of the month anew when a month begins, UTC': by(async (scene) => {
    const monthly = { scope: 'account/key/ada/month', isMonthly: true };
    await spend(scene, 10, monthly);
    await scene.pass(17 * DAY_MS);
    await refused(scene.second, demand({ ...monthly, usd: 1 }));
    await scene.pass(DAY_MS);
    await reserved(scene.second, demand({ ...monthly, usd: 10 }));
  }),
  'settles an attempt in the day in which it was reserved': by(async (scene) => {
    const daily = { scope: 'day', isDaily: true };
    const held = await reserved(scene.first, demand({ ...daily, usd: 5 }));
    await scene.pass(HALF_DAY_MS + 1_000);
    held.settle({ tokens: 0, usd: 5 });
    await scene.quiet();
    await reserved(scene.second, demand({ ...daily, usd: 10 }));
  }),
  'counts a reservation until it is settled, however late, and then what was used': by(async (scene) => {
    const held = await reserved(scene.first, demand({ usd: 6 }));
    await scene.pass(HOUR_MS);
    await refused(scene.second, demand({ usd: 5 }));
    const taken = await takenIn(scene.second);
    must(taken === 6, `6 dollars are held for an hour, and ${said(taken)} are spent and reserved.`);
    held.settle({ tokens: 0, usd: 1 });
    await scene.quiet();
    must((await takenIn(scene.second)) === 1, 'A late settlement at 1 dollar does not count 1 dollar.');
    await reserved(scene.second, demand({ usd: 9 }));
  }),
} as const satisfies Readonly<Record<string, PortCheck<Spending>>>;
