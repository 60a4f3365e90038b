/** A vendor's JSON is nested no deeper than this, and neither is what users pass. */
export const DEEPEST_JSON = 200;
/** A vendor's JSON has no more values than this. */
const MOST_VALUES = 1_000_000;
/** JSON of no more characters cannot be nested too deep: each level opens and closes. */
const SURELY_SHALLOW = 2 * DEEPEST_JSON;

/**
 * Parses JSON that comes from outside.
 * @throws RangeError if it is nested deeper than 200 levels or has more than a million values, since copying or writing it
 * could overflow the stack or fill the memory
 * @throws SyntaxError if it is not valid
 */
export function parseJson(text: string): unknown {
  if (text.length > SURELY_SHALLOW && isTooLarge(text))
    throw new RangeError(`The JSON is nested deeper than ${DEEPEST_JSON} levels, or has over a million values.`);
  return JSON.parse(text);
}

const [QUOTE, BACKSLASH, COMMA] = ['"', '\\', ','].map((character) => character.charCodeAt(0));
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = ['[', ']', '{', '}'].map((one) => one.charCodeAt(0));

/** Whether JSON is nested too deep or has too many values. Of invalid JSON it says anything. */
export function isTooLarge(text: string): boolean {
  let [depth, values] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = closingQuote(text, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        if (depth > DEEPEST_JSON) return true;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
    }
    if (values > MOST_VALUES) return true;
  }
  return false;
}

/** Skips most characters of a string at the speed of a search. */
function closingQuote(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
