/**
 * Splits a text into the emulator's tokens, about four characters each: a short word with the space before it, a piece of a long one,
 * or white space. Their concatenation is the text; a character outside the basic plane is never cut in two.
 */
export function tokensOf(text: string): readonly string[] {
  return text.match(/ ?\S{1,5}|\s+/gu) ?? [];
}
