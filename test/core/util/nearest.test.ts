import { describe, expect, it } from '@jest/globals';
import { didYouMean } from '../../../src/core/util/nearest.js';

describe('didYouMean', () => {
  it.each([
    ['chaptr-1', ['chapter-1', 'chapter-20'], ' Did you mean "chapter-1"?'],
    ['ADA', ['ada'], ' Did you mean "ada"?'],
    ['ab', ['ac'], ' Did you mean "ac"?'],
    ['x', ['a'], ''],
    ['xy', ['ab'], ''],
    ['whale', ['captain'], ''],
    ['whale', [], ''],
  ])('of %j among %j says %j', (given, known, text) => {
    expect(didYouMean(given, known)).toBe(text);
  });
});
