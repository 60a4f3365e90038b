/**
 * Markdown as a book needs it: a year at the beginning of a paragraph numbers no list, a footnote defines no link, and control
 * characters, which no XML may have, are gone.
 */
export function printable(markdown: string): string {
  return markdown
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu, '')
    .replaceAll(/^(\d{3,})([.)]) /gmu, String.raw`$1\$2 `)
    .replaceAll(/^\[(\^[^\]\n]+)\]:/gmu, String.raw`\[$1]:`);
}
