import { describe, expect, it } from '@jest/globals';
import { effectiveKeys, partOfDay } from '../../../src/chain/admit/rate-limit.js';
import { NO_RATE_LIMITS } from './admission-parts.js';

const limits = { minIntervalMs: 100, requestsPerMinute: 20, tokensPerMinute: 10, requestsPerDay: 50 };
const settings = (parts: number) => ({
  ...NO_RATE_LIMITS,
  ...{ minIntervalMs: null, requestsPerMinute: null, tokensPerMinute: null, requestsPerDay: null },
  parts,
});

describe('a part of the limits', () => {
  it('never adds up to more than the whole, and unlimited stays unlimited', () => {
    expect(effectiveKeys(settings(3), [{ key: 'a', limits }])).toEqual([
      { key: 'a', limits: { minIntervalMs: 300, requestsPerMinute: 6, tokensPerMinute: 3, requestsPerDay: 16 } },
    ]);
    expect(effectiveKeys(settings(3), [{ key: 'a', limits: {} }])[0]?.limits).toEqual({
      ...{ minIntervalMs: 0, requestsPerMinute: 0, tokensPerMinute: 0, requestsPerDay: 0 },
    });
  });

  it('is refused where less than one request would be left', () => {
    expect(() => effectiveKeys(settings(11), [{ key: 'a', limits }])).toThrow(
      'A limit of 10 cannot be divided into 11 parts (rateLimit.parts). Use fewer machines, or a store of limits for all of them.',
    );
  });

  it('of a day is one of what is left of it', () => {
    expect(partOfDay({ used: 10, limit: 50 }, settings(3))).toEqual({ used: 10, limit: 23 });
    expect(partOfDay({ used: 60, limit: 50 }, settings(3))).toEqual({ used: 60, limit: 60 });
  });
});
