const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NARROWEST = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that a text takes in a terminal: East Asian characters and pictures take two, marks and joiners none. */
export function widthOf(text: string): number {
  // Stryker disable next-line ConditionalExpression,Regex: only faster
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOfCharacter(character);
  return width;
}

/** The beginning that fits, with an ellipsis where it was cut. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [kept, width] = ['', 0];
  for (const character of text) {
    if (width + columnsOfCharacter(character) > columns - 1) break;
    kept += character;
    width += columnsOfCharacter(character);
  }
  return `${kept}…`;
}

function columnsOfCharacter(character: string): number {
  return NARROWEST.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
