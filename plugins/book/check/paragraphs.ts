/** The paragraphs of a text, without white space around them. */
export function paragraphsOf(text: string): readonly string[] {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(#{1,6} .*)\n(?=[^\n])/gmu, '$1\n\n')
    .split(/\n[ \t]*\n/u)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
}

/** Whether a paragraph is the heading of what follows. */
export function isHeading(paragraph: string): boolean {
  return /^#{1,6} [^\n]*$/u.test(paragraph);
}

const LONGEST = 60;

/** The beginning of a text, to name it by. */
export function beginning(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, line.lastIndexOf(' ', LONGEST))} …`;
}
