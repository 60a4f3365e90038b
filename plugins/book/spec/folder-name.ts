/**
 * The folder of a book, as BookGen names it: lower case, without signs, white space as `_`; accents stay.
 * @example
 * ```ts
 * folderName('José Martí'); // 'josé_martí'
 * ```
 */
export function folderName(subject: string): string {
  return subject
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\s]/gu, '')
    .trim()
    .replaceAll(/\s+/gu, '_');
}
