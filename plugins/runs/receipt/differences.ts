/** A place at which two JSON values differ. */
export interface Difference {
  /** The path, such as `response.body.usage.cost`; empty if the values themselves differ. */
  readonly path: string;
  readonly found?: unknown;
  readonly expected?: unknown;
}

/** Lists the places at which two JSON values differ. Long texts are cut to the surroundings of their first difference. */
export function differences(found: unknown, expected: unknown, path = ''): readonly Difference[] {
  if (Object.is(found, expected)) return [];
  if (Array.isArray(found) && Array.isArray(expected)) {
    const length = Math.max(found.length, expected.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(found[index], expected[index], `${path}[${index}]`),
    );
  }
  if (isRecord(found) && isRecord(expected)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...keys].flatMap((key) => differences(found[key], expected[key], path === '' ? key : `${path}.${key}`));
  }
  if (typeof found === 'string' && typeof expected === 'string') return [{ path, ...excerpts(found, expected) }];
  return [{ path, ...(found !== undefined && { found }), ...(expected !== undefined && { expected }) }];
}

const LONGEST = 80;
const BEFORE = 20;

function excerpts(found: string, expected: string): { readonly found: string; readonly expected: string } {
  if (found.length <= LONGEST && expected.length <= LONGEST) return { found, expected };
  let at = 0;
  while (at < found.length && found[at] === expected[at]) at += 1;
  const from = Math.max(0, at - BEFORE);
  const cut = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, from + LONGEST)}${from + LONGEST < text.length ? '…' : ''}`;
  return { found: cut(found), expected: cut(expected) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
