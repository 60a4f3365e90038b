import { describe, expect, it } from '@jest/globals';
import { columnsOf, cutToWidth, shown, shownJson, shownLine, shownText } from '../../src/plugin.js';

describe('a text for a terminal', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['cursor movements', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
    ['8-bit sequences', 'a\u009b31mb', 'ab'],
    ['a title', 'a\u001b]0;owned\u0007b', 'ab'],
    ['a title that ends in ST', 'a\u001b]0;owned\u001b\\b', 'ab'],
    ['a link', '\u001b]8;;http://evil.example\u0007here\u001b]8;;\u0007', 'here'],
    ['a device control string', 'a\u001bP1;2|x\u001b\\b', 'ab'],
    ['a command without an end, less its beginning', 'a\u001b]0;words', 'a0;words'],
    ['an 8-bit title', 'a\u009d0;owned\u009cb', 'ab'],
    ['8-bit control strings', 'a\u0090x\u0007b\u0098y\u009cc\u009ez\u001b\\d\u009fz\u009ce', 'abcde'],
    ['a bell, and all its words', 'some words\u0007and more\u009c', 'some wordsand more'],
    ['a command with other controls in it', 'a\u001b]0;b\u0001c\u0007d', 'a0;bcd'],
    ['a sequence with intermediates', 'a\u001b[?25 qb\u001b[1;31!pc', 'abc'],
    ['a character set', 'a\u001b(0b', 'ab'],
    ['an escape at the end', 'a\u001b', 'a'],
    ['controls', 'a\u0000\u0007\u0008\u007f\u0085b', 'a\nb'],
    ['overrides of direction', 'a\u202eb\u2066c\u2069\u200f', 'abc'],
    ['invisible characters', 'a\u200b\u2060\ufeffb\u{e0041}', 'ab'],
    ['carriage returns', 'safe\rfake\r\nnext', 'safe\nfake\nnext'],
    ['half a pair', 'a\ud83d', 'a\ufffd'],
  ])('has no %s', (_, text, expected) => {
    expect(shownText(text)).toBe(expected);
  });

  it('keeps line ends, tabs, joiners, pictures and every script', () => {
    const text = 'One\n\ttwo: 日本語, العربية, नि\u200dश, 👩\u200d🚀 — “quoted”.';
    expect(shownText(text)).toBe(text);
  });

  it.each(['\u001b]', '\u009d', '\u001b[', '\u001bP0'])('is made in linear time of many times %j', (start) => {
    expect(shownText(start.repeat(200_000))).not.toMatch(/[\u001b\u0080-\u009f]/);
  });
});

describe('a part of a line', () => {
  it('has no line ends or tabs', () => {
    expect(shownLine('a\r\nscriptorium: fake\tb\u2028c')).toBe('a scriptorium: fake b c');
  });

  it('is cut at 2,048 characters, and never within one', () => {
    expect(shownLine('x'.repeat(2_048))).toBe('x'.repeat(2_048));
    expect(shownLine('x'.repeat(10_000_000))).toBe(`${'x'.repeat(2_047)}…`);
    expect(shownLine(`${'x'.repeat(2_046)}😀😀`)).toBe(`${'x'.repeat(2_046)}…`);
  });

  it('is each value of a template, whose own words stay', () => {
    expect(shown`key\t${'a\nb'}\nspent\t${3}\n`).toBe('key\ta b\nspent\t3\n');
  });
});

describe('JSON for a terminal', () => {
  it('has the same value, with everything that steers escaped', () => {
    const value = { key: 'a\u009b31m\u202e\u200b\u001b[0m日本', list: [1, null] };
    expect(shownJson(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u202e]/);
    expect(JSON.parse(shownJson(value))).toEqual(value);
  });
});

describe('the width of a terminal', () => {
  it.each([
    [{ isTTY: true, columns: 120 }, 120],
    [{ isTTY: true, columns: 20 }, 20],
    [{ isTTY: true, columns: 3 }, 20],
    [{ isTTY: true, columns: 0 }, 80],
    [{ isTTY: true, columns: Number.NaN }, 80],
    [{ isTTY: true, columns: -1 }, 80],
    [{ isTTY: true }, 80],
    [{ columns: 40 }, undefined],
  ])('of %j is %p', (stream, columns) => {
    expect(columnsOf(stream)).toBe(columns);
  });

  it('counts wide characters twice', () => {
    expect([cutToWidth('日本語', 6), cutToWidth('日本語', 5), cutToWidth('plain', 4)]).toEqual([
      '日本語',
      '日本…',
      'pla…',
    ]);
  });
});
