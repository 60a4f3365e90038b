import { describe, expect, it } from '@jest/globals';
import { WrittenText } from '../../../../plugins/gateway/page/feed/written-text.js';

function written(...pieces: readonly string[]): WrittenText {
  const text = new WrittenText();
  for (const piece of pieces) text.take(piece);
  return text;
}

describe('the text of a row', () => {
  it('counts words wherever the pieces are cut', () => {
    expect(written('Call me Ish', 'mael. ', '\n\nSome', ' ', 'years', '\u00a0ago').words).toBe(6);
    expect(written(' \n').words).toBe(0);
  });

  it('keeps the last 400 characters of any number', () => {
    const text = written(...Array.from({ length: 5_000 }, (_, index) => `${index} `));
    const whole = Array.from({ length: 5_000 }, (_, index) => `${index} `).join('');
    expect({ tail: text.tail, taken: text.taken, words: text.words }).toEqual({
      tail: whole.slice(-400),
      taken: whole.length,
      words: 5_000,
    });
  });

  it('never shows half a character', () => {
    expect(written('🐳'.repeat(500), 'x').tail.isWellFormed()).toBe(true);
  });

  it('begins again at a restart', () => {
    const text = written('Once upon');
    text.restart();
    text.take('Twice');
    expect({ tail: text.tail, words: text.words, epoch: text.epoch }).toEqual({ tail: 'Twice', words: 1, epoch: 1 });
  });
});
