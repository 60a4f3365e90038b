/** A text whose escapes are read, and where its characters come from. */
export interface Unescaped {
  readonly text: string;
  /** Returns the place in the original text of a place in this one. */
  origin(index: number): number;
}

/** A read escape: where it ends, in this text and in the original one. */
interface Read {
  readonly end: number;
  readonly originalEnd: number;
}

/** HTML's names of the printable ASCII characters that may stand in a key. */
const NAMED: Readonly<Record<string, string>> = {
  ...{ excl: '!', quot: '"', num: '#', dollar: '$', percnt: '%', amp: '&', apos: "'", lpar: '(', rpar: ')' },
  ...{ ast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':', semi: ';', lt: '<', equals: '=' },
  ...{ gt: '>', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']', Hat: '^' },
  ...{ lowbar: '_', grave: '`', lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}' },
};

/** A way of escaping characters. */
export interface Escaping {
  /** The character that begins an escape. */
  readonly mark: string;
  /** Matches an escape, and one that `…` cuts off. */
  readonly escape: RegExp;
}

/** The escapes of JSON and JavaScript, percent-encoding, and HTML's references. */
export const ESCAPINGS: readonly Escaping[] = [
  {
    mark: '\\',
    escape: anyOf(
      String.raw`\\u(?<unicode>[0-9a-f]{4})`,
      String.raw`\\u\{(?<braced>[0-9a-f]{1,6})\}`,
      String.raw`\\x(?<byte>[0-9a-f]{2})`,
      String.raw`\\(?<literal>["'${'`'}\\/])`,
      String.raw`\\(?:u\{?[0-9a-f]{0,6}|x[0-9a-f]?)?(?=…)`,
    ),
  },
  { mark: '%', escape: anyOf('%(?<percent>[0-9a-f]{2})', '%[0-9a-f]?(?=…)') },
  {
    mark: '&',
    escape: anyOf(
      '&#x(?<hex>[0-9a-f]{1,6})(?:;|(?![0-9a-f…]))',
      '&#(?<decimal>[0-9]{1,7})(?:;|(?![0-9…]))',
      `&(?<name>${Object.keys(NAMED).join('|')});`,
      '&#?[0-9a-z]{0,8}(?=…)',
    ),
  },
];

function anyOf(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join('|'), 'gi');
}

/** Reads one layer of escapes of one kind. Returns undefined if there are none. */
export function unescaped(text: string, { mark, escape }: Escaping): Unescaped | undefined {
  if (!text.includes(mark)) return undefined;
  const reads: Read[] = [];
  let shrunk = 0;
  const read = text.replace(escape, (match: string, ...rest: unknown[]) => {
    const character = characterOf(rest.at(-1) as Groups);
    const offset = rest.at(-3) as number;
    shrunk += match.length - character.length;
    const originalEnd = offset + match.length;
    reads.push({ originalEnd, end: originalEnd - shrunk });
    return character;
  });
  return reads.length === 0 ? undefined : { text: read, origin: (index) => originOf(reads, index) };
}

type Groups = Readonly<Record<string, string | undefined>>;

function characterOf({ unicode, braced, byte, literal, percent, hex, decimal, name }: Groups): string {
  if (literal !== undefined) return literal;
  if (name !== undefined) return NAMED[name] ?? NAMED[name.toLowerCase()] ?? '';
  const code = unicode ?? braced ?? byte ?? percent ?? hex;
  const point = code !== undefined ? Number.parseInt(code, 16) : decimal === undefined ? NaN : Number(decimal);
  return point <= 0x10ffff ? String.fromCodePoint(point) : '';
}

/** The last escape that ends there or before decides how far the text has shrunk. */
function originOf(reads: readonly Read[], index: number): number {
  let [low, high] = [0, reads.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reads[middle]?.end ?? Infinity) <= index) low = middle + 1;
    else high = middle;
  }
  const last = reads[low - 1];
  return last === undefined ? index : last.originalEnd + index - last.end;
}
