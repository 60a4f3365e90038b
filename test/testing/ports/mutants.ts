import { describe, expect, it } from '@jest/globals';
import type { MakePort, PortCheck, PortWorld } from 'scriptorium/testing';

/** A part with one mistake, and the promises that it must break. */
export interface Mutant<Make, Promises> {
  readonly make: Make;
  readonly breaks: readonly (keyof Promises)[];
}

/** Proves that a contract finds each mistake, and that each of its promises can be broken. */
export function describeMutants<T, W extends PortWorld, P extends Readonly<Record<string, PortCheck<T, W>>>>(
  part: string,
  promises: P,
  mutants: Readonly<Record<string, Mutant<MakePort<T, W>, P>>>,
): void {
  describe(`the contract of ${part}`, () => {
    it.each(Object.entries(mutants))('is broken by a part that %s', async (_mistake, { make, breaks }) => {
      expect(await brokenBy(promises, make)).toEqual(expect.arrayContaining([...breaks]));
    });

    it('has a broken part for each promise', () => {
      const named = new Set(Object.values(mutants).flatMap(({ breaks }) => breaks));
      expect(Object.keys(promises).filter((promise) => !named.has(promise))).toEqual([]);
    });
  });
}

/** The promises that a part breaks. */
async function brokenBy<T, W extends PortWorld>(
  promises: Readonly<Record<string, PortCheck<T, W>>>,
  make: MakePort<T, W>,
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const [promise, check] of Object.entries(promises))
    await check(make).catch(() => {
      broken.push(promise);
    });
  return broken;
}
