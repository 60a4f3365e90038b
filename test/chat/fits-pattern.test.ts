import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitsPattern } from '../../src/chat/look-up-model.js';
import { runs } from '../support/runs.js';

describe('a pattern of models', () => {
  it.each([
    ['anthropic/claude-3', 'anthropic/*', true],
    ['anthropic', 'anthropic/*', false],
    ['a/b:free', 'a/*:free', true],
    ['a.b', 'a?b', false],
    ['axb', 'a.b', false],
    ['any', '*', true],
    ['', '*', true],
    ['aba', 'ab*ba', false],
    ['abba', 'ab*ba', true],
    ['one', 'one', true],
    ['one', 'on', false],
  ])('%s, by %s: %s', (name, pattern, fits) => {
    expect(fitsPattern(name, pattern)).toBe(fits);
  });

  it('matches like its regular expression', () => {
    const text = (characters: string) => fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength: 8 });
    fc.assert(
      fc.property(text('ab./'), text('ab./**'), (name, pattern) => {
        const expression = new RegExp(
          `^${pattern
            .split('*')
            .map((part) => part.replaceAll(/[./]/g, '\\$&'))
            .join('.*')}$`,
        );
        expect(fitsPattern(name, pattern)).toBe(expression.test(name));
      }),
      { numRuns: runs(4) },
    );
  });
});
