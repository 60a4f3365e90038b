/** Joins pieces of text so that none ends inside a character. */
export interface WholeCharacters {
  /** The piece, less half a character at its end, which comes with the next one. */
  take(piece: string): string;
  /** What is still held back: nothing, or U+FFFD for half a character that never became whole. */
  rest(): string;
}

/** A character beyond U+FFFF is two code units, and a vendor may cut between them. */
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
