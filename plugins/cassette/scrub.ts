import type { Redact } from 'scriptorium/plugin';
import { applied, editOf } from './edits.js';
import type { Edit } from './edits.js';
import { decoded, encoded, endOfString, endOfValue, valueOfKey } from './json-text.js';

const MASK = '[secret]';

/** Fields that nobody is to see, by whatever name a server repeats them. */
const SECRET_NAME = /^((.*_)?user_id|flagged_input|(proxy-)?authorization|(x[-_])?api[-_]?key|(set-)?cookie)$/i;

/** Two line breaks: the end of an event. */
const BETWEEN_EVENTS = /(?<=\r\n\r\n|\n\n|\r\r)/;

/**
 * What has to be changed so that a text holds no secret: known ones by their value, wherever they stand, also escaped
 * inside strings; and the values of secret fields. The text is JSON, or events with JSON, or anything; what it was it stays.
 */
export function scrubbing(text: string, redact: Redact): readonly Edit[] {
  const edits: Edit[] = [];
  let offset = 0;
  for (const event of text.split(BETWEEN_EVENTS)) {
    for (const edit of editsOf(event, { redact, masksFields: true, isFailure: isFailure(event) }))
      edits.push({ ...edit, start: edit.start + offset, end: edit.end + offset });
    offset += event.length;
  }
  const scrubbed = applied(text, edits);
  // A secret that looks like the beginning of a string, and one that is cut off at the very end, which the mark shows.
  const once = redact(`${scrubbed}…`).slice(0, -1);
  return once === scrubbed ? edits : editOf(0, text, once);
}

/** The text without secrets. */
export function scrubbed(text: string, redact: Redact): string {
  return applied(text, scrubbing(text, redact));
}

interface Scrubbing {
  readonly redact: Redact;
  readonly masksFields: boolean;
  /** A vendor's error may hold another one as text, with fields of its own. In an answer such text is the model's. */
  readonly isFailure: boolean;
}

function isFailure(text: string): boolean {
  return /"error"\s*:\s*(?!null\b)/.test(text);
}

function editsOf(text: string, how: Scrubbing): readonly Edit[] {
  const edits: Edit[] = [];
  const clean = (start: number, end: number, cleaned: string): void =>
    void edits.push(...editOf(start, text.slice(start, end), cleaned));
  let at = 0;
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', at)) {
    clean(at, start, how.redact(text.slice(at, start)));
    const end = endOfString(text, start);
    const literal = text.slice(start, end);
    const value = how.masksFields ? valueOfKey(text, end) : undefined;
    if (value !== undefined && isSecretField(decoded(literal) ?? '', text.slice(value, value + 5))) {
      at = endOfValue(text, value);
      edits.push({ start: value, end: at, replacement: `"${MASK}"` });
    } else {
      at = end;
      clean(start, end, withoutSecrets(literal, how));
    }
  }
  clean(at, text.length, how.redact(text.slice(at)));
  return edits;
}

/** What is no value, and what describes one, as in the schema of a tool, stays. */
function isSecretField(name: string, value: string): boolean {
  return (
    SECRET_NAME.test(name) &&
    !/^($|null|true|false)/.test(value) &&
    (!value.startsWith('{') || name === 'flagged_input')
  );
}

function withoutSecrets(literal: string, how: Scrubbing): string {
  const said = decoded(literal);
  if (said === undefined) return how.redact(literal);
  const cleaned = applied(said, editsOf(said, { ...how, masksFields: how.isFailure }));
  const once = how.redact(cleaned);
  return once === said ? literal : encoded(once, literal);
}
