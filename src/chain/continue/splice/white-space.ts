/** Whether the character at this place is white space of any kind; past either end of the text nothing is. */
export function isSpaceAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code > 0x20 && code < 0x80) return false;
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x80 && text.charAt(at).trim() === '');
}

/** Whether a line ends with the character at this place. */
export function isLineBreakAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x0a || code === 0x0d || code === 0x2028 || code === 0x2029;
}

/** Whether a word begins here: ink after white space, or at the start of the text. */
export function isWordStart(text: string, at: number): boolean {
  return !isSpaceAt(text, at) && (at === 0 || isSpaceAt(text, at - 1));
}
