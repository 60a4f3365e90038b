/** An escape of JSON: a surrogate pair, half a pair (which is captured), or anything else. */
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|[\s\S])/g;

/**
 * Replaces half surrogate pairs in a JSON text by U+FFFD. `JSON.stringify` escapes them, and most servers refuse the escape:
 * it stands for no character.
 */
export function wholeCharactersIn(json: string): string {
  if (!/\\u[dD]/.test(json)) return json;
  return json.replaceAll(ESCAPE, (escape, half: string | undefined) => (half === undefined ? escape : '\ufffd'));
}
