import { describe, expect, it } from '@jest/globals';
import { terminalText } from '../../src/cli/terminal-text.js';
import { wrap } from '../../src/cli/wrap.js';

function written(pieces: readonly string[], columns = 20): string {
  const text = terminalText(() => columns);
  return pieces.map((piece) => text.take(piece)).join('') + text.rest();
}

const PROSE =
  'Call me Ishmael. Some years ago, never mind how long precisely, having little money.\n\n  Then:\tnothing.\n';
const WRAPPED =
  'Call me Ishmael.\nSome years ago,\nnever mind how long\nprecisely, having\nlittle money.\n\n  Then:\tnothing.\n';

describe('a text that comes in pieces to a terminal', () => {
  it.each([1, 2, 3, 7, 1_000])('has line ends between words, whatever the pieces (%i characters each)', (size) => {
    const pieces = PROSE.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(written(pieces)).toBe(WRAPPED);
  });

  it.each([1, 2, 5])('has no escape sequences, wherever they are cut (%i characters each)', (size) => {
    const text = 'a\u001b[31mred\u001b[0m \u001b]0;title\u0007b\u009b1mc \u001b]8;;http://x\u001b\\d\r\ne';
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(written(pieces)).toBe('ared bc d\ne');
  });

  it('loses nothing of a word that is wider than the terminal', () => {
    const text = `short ${'x'.repeat(50)} end`;
    expect(written([text]).replaceAll(/\s/g, '')).toBe(text.replaceAll(' ', ''));
  });

  it('breaks East Asian text between characters', () => {
    expect(written(['日本語の文章はどこでも改行できます。'])).toBe('日本語の文章はどこで\nも改行できます。');
  });

  it('writes what waits when it ends, and not before', () => {
    const text = terminalText(() => 20);
    expect([text.take('Hel'), text.take('lo wor'), text.rest(), text.rest()]).toEqual(['', 'Hello', ' wor', '']);
  });

  it('follows the width of the terminal', () => {
    let columns = 10;
    const text = terminalText(() => columns);
    const narrow = text.take('one two three ');
    columns = 40;
    expect(narrow + text.take('four five six ')).toBe('one two\nthree four five six');
  });
});

describe('words of the program in a narrow terminal', () => {
  it('are not split, and further lines are indented like the first', () => {
    expect(wrap('  the answer broke off and goes on\nshort\n', 20)).toBe(
      '  the answer broke\n  off and goes on\nshort\n',
    );
  });
});
