declare const SHOWN: unique symbol;

/** A text that may go to a terminal: it steers nothing there. */
export type Shown = string & { readonly [SHOWN]: true };

/** The longest text from outside on one line, in UTF-16 code units. */
const LONGEST = 2_048;

/** Control sequences (CSI), commands up to their end (OSC, DCS, SOS, PM, APC), and other escapes, in 7 and 8 bits. */
const SEQUENCES =
  /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\u001b[PX^_\]]|[\u0090\u0098\u009d-\u009f])[^\u0000-\u001f\u007f-\u009f]{0,2048}(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]{0,8}[0-~]?/g;

/**
 * Characters without a shape of their own: controls but tab and line feed, marks that turn the direction of writing round,
 * invisible blanks and fillers, tags. Joiners (U+200C, U+200D) stay, since scripts and pictures need them.
 */
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Whether a text may hold anything that is taken out. */
const SUSPECT =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff]/;

/**
 * Makes a text of several lines safe for a terminal: takes out escape sequences, control characters but tabs and line ends,
 * marks that turn the direction of writing round, and invisible characters. The length is not bounded.
 * @example
 * ```ts
 * stdout.write(shownText(report));
 * ```
 */
export function shownText(text: string): Shown {
  // Stryker disable next-line ConditionalExpression: only faster
  if (!SUSPECT.test(text)) return text as Shown;
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(SEQUENCES, '')
    .replaceAll(/[\r\u2028\u2029\u0085\v\f]/g, '\n')
    .replaceAll(INVISIBLE, '')
    .toWellFormed() as Shown;
}

/**
 * Makes a text from outside a part of one line: as `shownText`, with blanks in place of tabs and line ends, and cut at
 * 2,048 characters.
 * @param longest the most characters, in UTF-16 code units
 * @example
 * ```ts
 * stderr.write(`The model ${shownLine(model)} is gone.\n`);
 * ```
 */
export function shownLine(text: string, longest = LONGEST): Shown {
  const line = shownText(text.slice(0, 4 * longest)).replaceAll(/[\n\t]+/g, ' ');
  if (line.length <= longest && text.length <= 4 * longest) return line as Shown;
  return `${line.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` as Shown;
}

/**
 * A template whose values come from outside: each becomes a part of one line. Its own words stay as they are.
 * @example
 * ```ts
 * stdout.write(shown`key  ${key.label}\n`);
 * ```
 */
export function shown(words: TemplateStringsArray, ...values: readonly (string | number)[]): Shown {
  return words.reduce((text, part, index) => text + shownLine(String(values[index - 1])) + part) as Shown;
}

/** A value as JSON in which nothing steers a terminal: such characters are escaped, so the value stays the same. */
export function shownJson(value: unknown, indent?: number): Shown {
  return ((JSON.stringify(value, undefined, indent) as string | undefined) ?? 'null').replaceAll(
    /[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ) as Shown;
}
