import { describe, expect, it } from '@jest/globals';
import { afterwards, isPromise } from '../../../src/core/util/maybe-promise.js';

describe('isPromise', () => {
  it('is true for a promise and for any other object with a method "then"', () => {
    expect(isPromise(Promise.resolve(1))).toBe(true);
    expect(isPromise({ then: () => undefined })).toBe(true);
  });

  it('is false for what cannot be awaited', () => {
    for (const value of [undefined, null, 1, 'then', { then: 1 }, () => undefined])
      expect(isPromise<unknown>(value)).toBe(false);
  });
});

describe('afterwards', () => {
  it('applies the function at once to a value, and later to the value of a promise', async () => {
    expect(afterwards(2, (n) => n + 1)).toBe(3);
    expect(await afterwards(Promise.resolve(2), (n) => n + 1)).toBe(3);
  });
});
