import { expect } from '@jest/globals';

/** Runs something up to five times, until it took less than `ms`: a busy machine is late a few times, not always, and none is early by chance. */
export async function expectWithin(ms: number, measure: () => Promise<number>): Promise<void> {
  const times: number[] = [];
  do times.push(await measure());
  while (times.length < 5 && times.at(-1)! >= ms);
  expect(Math.min(...times)).toBeLessThan(ms);
}
