import { describe, expect, it } from '@jest/globals';
import { otherModel } from '../../src/chat/other-model.js';

describe('otherModel', () => {
  it.each([
    ['v/m', undefined],
    ['v/m', 'v/m'],
    ['v/m:free', 'v/m'],
    ['v/m', 'v/m:free'],
    ['v/m', 'v/m-20250514'],
    ['v/m', 'v/m-2024-08-06'],
    ['v/m', 'v/m-v3-0324'],
    ['v/m', 'v/m-0324:free'],
  ])('of %j and %j is the same model', (requested, named) => {
    expect(otherModel(requested, named)).toBeUndefined();
  });

  it.each([
    ['v/m', 'v/n'],
    ['v/m', 'v/m-mini'],
    ['v/m', 'other/m'],
    ['v/m-mini', 'v/m'],
    ['v/m', 'v/m1'],
  ])('of %j and %j is another one', (requested, named) => {
    expect(otherModel(requested, named)).toBe(named);
  });
});
