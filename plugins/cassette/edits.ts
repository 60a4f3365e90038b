/** A place in a text, and what is to stand there. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** The text after its edits, which are in order and do not overlap. */
export function applied(text: string, edits: readonly Edit[]): string {
  let at = 0;
  const parts = edits.flatMap(({ start, end, replacement }) => {
    const before = text.slice(at, start);
    at = end;
    return [before, replacement];
  });
  return parts.join('') + text.slice(at);
}

/** The one edit, as small as it can be, that makes `replacement` of what stands from `start`; none where they are the same. */
export function editOf(start: number, original: string, replacement: string): readonly Edit[] {
  if (original === replacement) return [];
  const shorter = Math.min(original.length, replacement.length);
  let head = 0;
  while (head < shorter && original[head] === replacement[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && original.at(-1 - tail) === replacement.at(-1 - tail)) tail += 1;
  return [
    {
      start: start + head,
      end: start + original.length - tail,
      replacement: replacement.slice(head, replacement.length - tail),
    },
  ];
}
