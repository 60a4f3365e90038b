/** Re-cuts pieces of text so that none ends inside a character. */
export interface WholeCharacters {
  /** Returns the piece without half a character at its end. That half is added to the next piece. */
  take(piece: string): string;
  /** Returns the rest at the end of the text: empty, or U+FFFD for half a character that never became whole. */
  rest(): string;
}

/**
 * Creates a `WholeCharacters`. A character beyond U+FFFF has two code units, and a vendor may cut between them.
 * @example
 * ```ts
 * const characters = wholeCharacters();
 * characters.take('a\ud83d'); // 'a'
 * characters.take('\ude00'); // '😀'
 * characters.rest(); // ''
 * ```
 * @see docs/write-a-provider.md
 */
export function wholeCharacters(): WholeCharacters {
  let held = '';
  return {
    take: (piece) => {
      if (piece === '') return '';
      const text = held === '' ? piece : held + piece;
      held = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(-1) : '';
      const whole = held === '' ? text : text.slice(0, -1);
      return whole.isWellFormed() ? whole : whole.toWellFormed();
    },
    rest: () => {
      const text = held.toWellFormed();
      held = '';
      return text;
    },
  };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
