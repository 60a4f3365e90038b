/** Whether the character at `at` is white space of any kind; false beyond either end of the text. */
export function isSpaceAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code > 0x20 && code < 0x80) return false;
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x80 && text.charAt(at).trim() === '');
}

/** Whether the character at `at` ends a line. */
export function isLineBreakAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x0a || code === 0x0d || code === 0x2028 || code === 0x2029;
}

/** Whether a word starts at `at`, which follows white space or is the start of the text. */
export function isWordStart(text: string, at: number): boolean {
  return !isSpaceAt(text, at) && (at === 0 || isSpaceAt(text, at - 1));
}

const WORD_CHARACTER = /^[\p{L}\p{N}\p{M}]/u;

/** Whether the character at `at` is a letter or a digit of any script. */
export function isWordCharacterAt(text: string, at: number): boolean {
  return WORD_CHARACTER.test(String.fromCodePoint(text.codePointAt(at) ?? 0x20));
}
