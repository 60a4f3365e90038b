/** Finding one's way in JSON text that may be cut off anywhere, or be part of a stream of events. */

/** Where a string ends that begins at `start`: after its closing quote, or where its line or the text breaks off. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '"') return at + 1;
    else if (character === '\n' || character === '\r') return at;
  }
  return text.length;
}

/** Where a value ends that begins at `start`. */
export function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[')
    return start + (/^[^\s,\]}]*/.exec(text.slice(start, start + 100))?.[0].length ?? 0);
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** Where the value of a key begins whose string ends at `end`; undefined if that is no key. */
export function valueOfKey(text: string, end: number): number | undefined {
  // Between them there may be a line break, and after it the name of the field of an event.
  const between = /(?:\s|data:)*:(?:\s|data:)*/y;
  between.lastIndex = end;
  return between.test(text) ? between.lastIndex : undefined;
}

/** What a string says, also one that is cut off; undefined if it is none. */
export function decoded(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(isClosed(literal) ? literal : `${literal}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The string that says this, in ASCII; closed or not, as its model. */
export function encoded(text: string, model: string): string {
  const literal = JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return isClosed(model) ? literal : literal.slice(0, -1);
}

function isClosed(literal: string): boolean {
  for (let at = 1; at < literal.length; at += 1) {
    if (literal[at] === '\\') at += 1;
    else if (literal[at] === '"') return true;
  }
  return false;
}
