/** Columns that a text takes in a terminal: East Asian characters and pictures take two, marks and joiners none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** The beginning that fits, with an ellipsis where it was cut, filled up with blanks. */
export function fitted(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text + ' '.repeat(columns - widthOf(text));
  let [kept, width] = ['', 0];
  for (const character of text) {
    if (width + columnsOf(character) > columns - 1) break;
    kept += character;
    width += columnsOf(character);
  }
  return `${kept}…${' '.repeat(Math.max(columns - width - 1, 0))}`;
}

/** Text from elsewhere, on one line: what would steer a terminal, or turn the direction of writing round, is shown as a box. */
export function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\u25a1');
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NARROWEST = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

function columnsOf(character: string): number {
  return NARROWEST.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
