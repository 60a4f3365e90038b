/** Longer error texts are cut before any work on them. */
export const LONGEST_ERROR_TEXT = 2_048;

/** Cuts a text to a length, in characters. A cut text ends with `…`. */
export function cutText(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
