import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StartOf } from '../../../src/core/redaction/start-of.js';

/** The same by trying each length. */
function slowly(form: string, least: number, text: string): number {
  for (let length = Math.min(form.length - 1, text.length); length >= least; length -= 1)
    if (text.endsWith(form.slice(0, length))) return length;
  return 0;
}

describe('the start of a form at the end of a text', () => {
  it('is the longest one that is not the whole form', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 });
    const forms = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(forms, texts, fc.integer({ min: 1, max: 4 }), (form, text, least) => {
        expect(new StartOf(form, least).lengthBefore(text, 0, text.length)).toBe(slowly(form, least, text));
      }),
    );
  });

  it('is looked for between two places alone', () => {
    expect(new StartOf('abcdef', 2).lengthBefore('xabc…', 2, 4)).toBe(0);
    expect(new StartOf('abcdef', 2).lengthBefore('xabc…', 1, 4)).toBe(3);
  });
});
