import { cutToWidth, widthOf } from 'scriptorium/plugin';

/** The beginning that fits, with an ellipsis where it was cut, filled up with blanks. */
export function fitted(text: string, columns: number): string {
  const cut = cutToWidth(text, columns);
  return cut + ' '.repeat(Math.max(columns - widthOf(cut), 0));
}
