import type { Spending } from '../../core/ports.js';
import { must, said } from '../must.js';
import type { PortCheck } from '../port-contract/scene.js';
import { by, demand, refused, reserved, spend, takenIn } from './scene.js';
import { UNKNOWN_AMOUNTS } from './unknown-amounts.js';
import { PERIODS } from './periods.js';

const ROOM = {
  'reserves what fits beside all that is spent and reserved, over all processes': by(async (scene) => {
    await reserved(scene.first, demand({ usd: 4 }));
    await spend(scene, 2);
    await reserved(scene.second, demand({ usd: 4 }));
    const refusal = await refused(scene.second, demand({ usd: 0.01 }));
    must(refusal.refusedScope === 'label/book/ada', `The refused scope is ${said(refusal.refusedScope)}.`);
    must(refusal.mayFitLater, 'A refusal for what others have reserved must say that the demand may fit later.');
  }),
  'says that a demand never fits once the money is spent': by(async (scene) => {
    await spend(scene, 9.5);
    const refusal = await refused(scene.second, demand({ usd: 1 }));
    must(!refusal.mayFitLater, 'The money is spent, and a refusal says that the demand may fit later.');
    await reserved(scene.second, demand({ usd: 0.5 }));
  }),
  'counts tokens as it counts money': by(async (scene) => {
    (await reserved(scene.first, demand({ tokens: 600 }))).settle({ tokens: 400, usd: 0 });
    await scene.quiet();
    await refused(scene.second, demand({ tokens: 601 }));
    await reserved(scene.second, demand({ tokens: 600 }));
  }),
  'adds money exactly': by(async (scene) => {
    const limit = { tokens: 0, usd: 1 };
    for (let count = 0; count < 10; count += 1)
      await reserved(count % 2 === 0 ? scene.first : scene.second, demand({ usd: 0.1, limit }));
    await refused(scene.first, demand({ usd: 0.000_000_001, limit }));
    const rich = { tokens: 0, usd: 50_000_000 };
    await reserved(scene.first, demand({ scope: 'label/book/big', usd: 49_999_999.999_999, limit: rich }));
    await refused(scene.second, demand({ scope: 'label/book/big', usd: 0.000_002, limit: rich }));
    await reserved(scene.second, demand({ scope: 'label/book/big', usd: 0.000_001, limit: rich }));
  }),
  'takes a limit of 0 for none, and admits what costs nothing': by(async (scene) => {
    await reserved(scene.first, demand({ usd: 1_000, limit: { tokens: 5, usd: 0 } }));
    await spend(scene, 10, { scope: 'label/book/spent' });
    await reserved(scene.second, demand({ scope: 'label/book/spent', tokens: 5, usd: 0 }));
  }),
  'reserves in all scopes or in none': by(async (scene) => {
    const tight = demand({ scope: 'label/series/b', limit: { tokens: 0, usd: 1 }, usd: 2 });
    const refusal = await refused(scene.first, demand({ usd: 2 }), tight);
    must(refusal.refusedScope === 'label/series/b', `The refused scope is ${said(refusal.refusedScope)}.`);
    await reserved(scene.second, demand({ usd: 10 }));
  }),
  'keeps the amounts of each scope, whatever its name': by(async (scene) => {
    const names = ['label/book/a b:{c}', 'label/book/', 'label/book/ü/7', 'label/book/__proto__'];
    for (const scope of names) await spend(scene, 9, { scope });
    for (const scope of names) {
      await refused(scene.second, demand({ scope, usd: 2 }));
      await reserved(scene.second, demand({ scope, usd: 1 }));
    }
  }),
  'counts a scope that is not kept in each process for itself': by(async (scene) => {
    const own = demand({ scope: 'process', usd: 10, isKept: false });
    await reserved(scene.first, own);
    await reserved(scene.second, own);
    await refused(scene.first, { ...own, usd: 1 });
  }),
} as const;

const SETTLING = {
  'replaces a reservation by what was used': by(async (scene) => {
    const held = await reserved(scene.first, demand({ usd: 10 }));
    held.settle({ tokens: 0, usd: 3 });
    await scene.quiet();
    await refused(scene.second, demand({ usd: 7.5 }));
    await reserved(scene.second, demand({ usd: 7 }));
  }),
  'counts what was used beyond the reservation': by(async (scene) => {
    const held = await reserved(scene.first, demand({ usd: 1 }));
    held.settle({ tokens: 0, usd: 9.5 });
    await scene.quiet();
    await refused(scene.second, demand({ usd: 1 }));
  }),
  'settles a released reservation at nothing': by(async (scene) => {
    (await reserved(scene.first, demand({ usd: 10 }))).release();
    await scene.quiet();
    await reserved(scene.second, demand({ usd: 10 }));
  }),
  'takes the first of settle and release': by(async (scene) => {
    const held = await reserved(scene.first, demand({ usd: 10 }));
    held.settle({ tokens: 0, usd: 6 });
    held.settle({ tokens: 0, usd: 6 });
    held.release();
    await scene.quiet();
    must((await takenIn(scene.second)) === 6, 'A reservation was settled at 6 dollars, and something else counts.');
    await reserved(scene.second, demand({ usd: 4 }));
  }),
  'says when to ask again after a refusal, or signals the room': by(async (scene) => {
    const held = await reserved(scene.first, demand({ usd: 10 }));
    let signals = 0;
    const subscription = scene.second.changes$?.subscribe(() => (signals += 1));
    const { retryInMs } = await refused(scene.second, demand({ usd: 1 }));
    held.release();
    await scene.quiet();
    subscription?.unsubscribe();
    must(
      signals > 0 || (retryInMs !== undefined && retryInMs <= 60_000),
      'A demand was refused for what another process holds. Nothing says when to ask again: neither retryInMs nor changes$.',
    );
  }),
  'names what is spent and reserved': by(async (scene) => {
    if (scene.second.balances === undefined) return;
    await spend(scene, 2);
    await reserved(scene.first, demand({ usd: 3, tokens: 7 }));
    const [balance, ...more] = (await scene.second.balances()).filter(({ scope }) => scope === 'label/book/ada');
    must(
      more.length === 0 &&
        balance?.spent.usd === 2 &&
        balance.reserved.usd === 3 &&
        balance.reserved.tokens === 7 &&
        balance.spent.tokens === 0,
      `2 dollars are spent, 3 and 7 tokens reserved; balances says ${said(balance)}.`,
    );
  }),
} as const;

/** The promises of every `Spending`, each a sentence with the check that proves it. */
export const SPENDING_PROMISES = { ...ROOM, ...SETTLING, ...PERIODS, ...UNKNOWN_AMOUNTS } as const satisfies Readonly<
  Record<string, PortCheck<Spending>>
>;
