import type { Secret } from '../secret.js';
import { formsOf } from './secret-forms.js';
import { StartOf } from './start-of.js';
import type { SecretForm } from './secret-forms.js';
import { ESCAPINGS, unescaped } from './unescaped.js';

const MASK = '[secret]';
/** Shorter secrets would match ordinary words. */
const SHORTEST_SECRET = 4;
/** The shortest start of a secret that is masked, in characters. */
const SHORTEST_START = 8;
/** JSON in JSON in a URL. */
const MOST_LAYERS = 3;
const CUT = '…';

/** What `redactor` creates where there is no secret. */
export const redactNothing = (text: string): string => text;

/**
 * Creates a function that masks every occurrence of the secrets in a text, in the time of a few looks at it.
 *
 * - It also finds a secret that is percent-encoded, escaped as in JSON, JavaScript or HTML (in several layers, too),
 *   hexadecimal, or inside a base64 text, which is then masked as a whole.
 * - A text cut with `…` may end with the start of a secret. That is masked too.
 * - Secrets shorter than 4 characters are not masked, since they would match ordinary words.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const forms = secrets
    .map((secret) => secret.reveal())
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .flatMap(formsOf)
    .sort((a, b) => b.text.length - a.text.length);
  if (forms.length === 0) return redactNothing;
  const search = new Search(forms);
  const shortest = Math.min(...forms.map(({ text }) => text.length));
  return (text) =>
    text.length < shortest && !text.includes(CUT) ? text : masked(text, search.rangesIn(text, MOST_LAYERS, new Set()));
}

/** From the first character of a secret to the one after its last. */
interface Range {
  readonly start: number;
  readonly end: number;
}

class Search {
  private readonly pattern: RegExp;
  private readonly base64: ReadonlySet<string>;
  private readonly starts: readonly { readonly start: StartOf; readonly isBase64: boolean }[];

  /** @param forms longest first, since one may start like another */
  constructor(forms: readonly SecretForm[]) {
    this.starts = forms.map(({ text, isBase64 }) => ({ start: new StartOf(text, SHORTEST_START), isBase64 }));
    this.pattern = new RegExp(forms.map(({ text }) => text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, '\\$&')).join('|'), 'g');
    this.base64 = new Set(forms.filter(({ isBase64 }) => isBase64).map(({ text }) => text));
  }

  /**
   * @param layers the layers of escapes to look below
   * @param seen texts that have been searched: kinds of escapes that do not mix can be read in any order
   */
  rangesIn(text: string, layers: number, seen: Set<string>): readonly Range[] {
    const ranges = [...this.wholeIn(text), ...this.cutIn(text)];
    if (layers === 0) return ranges;
    for (const escaping of ESCAPINGS) {
      const below = unescaped(text, escaping);
      if (below === undefined || seen.has(below.text)) continue;
      seen.add(below.text);
      for (const { start, end } of this.rangesIn(below.text, layers - 1, seen))
        ranges.push({ start: below.origin(start), end: below.origin(end) });
    }
    return ranges;
  }

  private wholeIn(text: string): readonly Range[] {
    const ranges: Range[] = [];
    this.pattern.lastIndex = 0;
    for (let match = this.pattern.exec(text); match !== null; match = this.pattern.exec(text)) {
      const [form] = match;
      const range = { start: match.index, end: match.index + form.length };
      const whole = this.base64.has(form) ? base64Around(text, range) : range;
      ranges.push(whole);
      // Secrets may overlap.
      this.pattern.lastIndex = this.base64.has(form) ? whole.end : match.index + 1;
    }
    return ranges;
  }

  /** The starts of secrets before each `…`. */
  private cutIn(text: string): readonly Range[] {
    const ranges: Range[] = [];
    let after = 0;
    for (let at = text.indexOf(CUT); at !== -1; at = text.indexOf(CUT, at + 1)) {
      // A text between two marks is read once for each form, if it is long enough.
      // Stryker disable next-line ConditionalExpression,EqualityOperator,ArithmeticOperator: only faster
      if (at - after >= SHORTEST_START)
        for (const { start, isBase64 } of this.starts) {
          const length = start.lengthBefore(text, after, at);
          const range = { start: at - length, end: at };
          if (length > 0) ranges.push(isBase64 ? base64Around(text, range) : range);
        }
      after = at + 1;
    }
    return ranges;
  }
}

const IN_BASE64 = /[\w+/=-]/;

function base64Around(text: string, { start, end }: Range): Range {
  let [first, last] = [start, end];
  while (IN_BASE64.test(text.charAt(first - 1))) first -= 1;
  while (IN_BASE64.test(text.charAt(last))) last += 1;
  return { start: first, end: last };
}

function masked(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  const pieces: string[] = [];
  let [start, end] = [0, 0];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    if (range.start < end) {
      end = Math.max(end, range.end);
      continue;
    }
    if (end > start) pieces.push(MASK);
    pieces.push(text.slice(end, range.start));
    ({ start, end } = range);
  }
  return [...pieces, MASK, text.slice(end)].join('');
}
