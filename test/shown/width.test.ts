import { describe, expect, it } from '@jest/globals';
import { shown, shownJson, shownLine, shownText } from '../../src/shown/shown-text.js';
import { cutToWidth, widthOf } from '../../src/shown/width.js';

describe('the columns of a text', () => {
  it.each<[string, number]>([
    ['', 0],
    ['plain ~', 7],
    ['naïve', 5],
    ['日本語', 6],
    ['a日b', 4],
    ['한국', 4],
    ['ｆｕｌｌ', 8],
    ['𠀀', 2],
    ['🐋', 2],
    ['e\u0301', 1],
    ['नि\u200dश', 3],
    ['\u200e', 0],
  ])('%j takes %d', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });
});

describe('a text that is cut to a width', () => {
  it.each<[string, number, string]>([
    ['whale', 5, 'whale'],
    ['whale', 4, 'wha…'],
    ['whale', 1, '…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 2, '…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['🐋🐋', 3, '🐋…'],
  ])('%j in %d columns is %j', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
  });
});

describe('a part of a line', () => {
  it('is cut at a length of its own', () => {
    expect(['whale', 'whales'].map((text) => shownLine(text, 5))).toEqual(['whale', 'whal…']);
    expect(shownLine('a\n\n\t\nb', 5)).toBe('a b');
  });

  it('says that it was cut where most of it was taken out, too', () => {
    expect(shownLine(`${'\u200b'.repeat(20)}whale`, 5)).toBe('…');
    expect(shownLine(`${'\u200b'.repeat(15)}whale`, 5)).toBe('whale');
  });

  it('is the first value of a template without words before it', () => {
    expect(shown`${'a\u001b[31mb'}${1}`).toBe('ab1');
  });
});

describe('text and JSON for a terminal', () => {
  it('is the same text if nothing is taken out', () => {
    expect(shownText('One\n\ttwo')).toBe('One\n\ttwo');
  });

  it('has a value for what JSON has none for, and may be indented', () => {
    expect(shownJson(undefined)).toBe('null');
    expect(shownJson({ a: [1] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(shownJson('\u0085\u202e')).toBe('"\\u0085\\u202e"');
  });
});
