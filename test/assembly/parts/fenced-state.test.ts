import { describe, expect, it } from '@jest/globals';
import { fencedState } from '../../../src/assembly/parts/fenced-state.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { Reservation, StateStore } from '../../../src/core/ports.js';
import { flushed } from '../../support/flushed.js';
import { aFence, HANGS, REJECTS, THROWS } from './a-fence.js';

const add =
  (amount: number) =>
  (old: unknown): number =>
    Number(old ?? 0) + amount;
const same = (old: unknown): unknown => old;

/** A store that can be switched off. */
function scene(onFailure: 'open' | 'closed' = 'open') {
  const { fence, clock, logger } = aFence({ name: 'state', onFailure });
  const inner = memoryStateStore();
  const outage: { update: StateStore['update'] | undefined } = { update: undefined };
  const state = fencedState({ update: (key, change) => (outage.update ?? inner.update)(key, change) }, fence);
  const update = async (key: string, change: (old: unknown) => unknown): Promise<unknown> => {
    const value = state.update(key, change);
    clock.advance(2_000);
    await flushed();
    return value;
  };
  return { fence, clock, logger, inner, outage, state, update };
}

describe('a state store behind a fence', () => {
  it('passes values on, at once if the store answers at once', () => {
    const { state, inner } = scene();
    expect(state.update('count', add(3))).toBe(3);
    expect(inner.update('count', same)).toBe(3);
  });

  it.each<[string, StateStore['update']]>([
    ['throws', THROWS],
    ['rejects', REJECTS],
    ['hangs', HANGS],
  ])('goes on in memory while the store %s, and applies the changes in their order afterwards', async (_how, fail) => {
    const { update, inner, outage, logger } = scene();
    await update('count', add(1));
    outage.update = fail;
    expect(await update('count', add(10))).toBe(11);
    expect(await update('count', (old) => Number(old) * 2)).toBe(22);
    expect(await update('other', add(5))).toBe(5);
    // Meanwhile another process has counted.
    await Promise.resolve(inner.update('count', add(100)));
    outage.update = undefined;
    expect(await update('count', add(1))).toBe((1 + 100 + 10) * 2 + 1);
    expect([inner.update('count', same), inner.update('other', same)]).toEqual([223, undefined]);
    expect(await update('other', same)).toBe(5);
    expect([inner.update('other', same), logger.lines.length]).toEqual([5, 1]);
  });

  it('counts on from the value that a store shows before it fails to write', async () => {
    const { update, outage } = scene();
    outage.update = (_key, change) => {
      change(95);
      throw new Error('read-only');
    };
    expect([await update('count', add(1)), await update('count', add(1))]).toEqual([96, 97]);
  });

  it('applies each change once', async () => {
    const { update, inner, outage } = scene();
    outage.update = REJECTS;
    await update('count', add(1));
    outage.update = undefined;
    await update('count', add(1));
    await update('count', add(1));
    expect(inner.update('count', same)).toBe(3);
  });

  it('keeps a bounded number of changes for later', () => {
    const { state, inner, outage } = scene();
    outage.update = THROWS;
    for (let time = 0; time < 10_050; time += 1) void state.update('count', add(1));
    expect(state.update('count', same)).toBe(10_050);
    outage.update = undefined;
    expect(state.update('count', same)).toBe(10_000);
    expect(inner.update('count', same)).toBe(10_000);
  });

  it('fails with the policy "closed", and keeps nothing for later', async () => {
    const { state, inner, outage } = scene('closed');
    outage.update = THROWS;
    expect(() => state.update('count', add(1))).toThrow(/^The part "state" does not answer/);
    outage.update = REJECTS;
    await expect(state.update('count', add(1))).rejects.toMatchObject({ code: 'unavailable' });
    outage.update = undefined;
    await Promise.resolve(state.update('count', same));
    expect(inner.update('count', same)).toBeUndefined();
  });

  it('does not apply a change again that the store has made too late', async () => {
    const { update, clock, inner, outage } = scene();
    outage.update = (key, change) =>
      new Promise((resolve) => clock.setTimer(5_000, () => resolve(inner.update(key, change))));
    expect(await update('count', add(1))).toBe(1);
    outage.update = undefined;
    clock.advance(5_000);
    await flushed();
    expect(inner.update('count', same)).toBe(1);
    expect(await update('count', add(1))).toBe(2);
  });

  it('does not let the store make a change late that was made with a later one', async () => {
    const { update, clock, inner, outage } = scene();
    outage.update = (key, change) =>
      new Promise((resolve) => clock.setTimer(5_000, () => resolve(inner.update(key, change))));
    await update('count', add(1));
    outage.update = undefined;
    expect(await update('count', add(10))).toBe(11);
    clock.advance(5_000);
    await flushed();
    expect(await update('count', add(100))).toBe(111);
    expect(inner.update('count', same)).toBe(111);
  });

  it('settles an attempt once whose settlement the store made in time and confirmed too late', async () => {
    const { clock, inner, outage, state } = scene();
    const spending = localSpending({ clock, random: Math.random, store: state });
    const day = { scope: 'day', limit: { tokens: 0, usd: 10 }, tokens: 0, isDaily: true, isKept: true };
    const first = (await spending.reserve([{ ...day, usd: 2 }])) as Reservation;
    outage.update = (key, change) => {
      const value = inner.update(key, change);
      return new Promise((resolve) => clock.setTimer(5_000, () => resolve(value)));
    };
    first.settle({ tokens: 0, usd: 1 });
    clock.advance(2_000);
    await flushed();
    outage.update = undefined;
    ((await spending.reserve([{ ...day, usd: 2 }])) as Reservation).release();
    clock.advance(5_000);
    await flushed();
    expect(await spending.balances?.()).toEqual([
      { scope: 'day', spent: { tokens: 0, usd: 1 }, reserved: { tokens: 0, usd: 0 } },
    ]);
  });
});
