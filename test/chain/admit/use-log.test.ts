import { describe, expect, it } from '@jest/globals';
import { UseLog } from '../../../src/chain/admit/use-log.js';

describe('the log of what a process sends', () => {
  it('keeps ninety seconds, although no other process reads it', () => {
    const log = new UseLog();
    for (let second = 0; second < 10_000; second += 1) log.add(second * 1_000, 1, 10);
    expect(log.size).toBe(90);
    expect(log.uses(9_999_000, 5)).toHaveLength(90);
  });
});
