import { asObject } from './json.js';
import type { Json } from './json.js';

/** Where the text stands in an event: between these two. */
interface Frame {
  readonly before: string;
  readonly after: string;
}

/** What a stream may say with its text without its being more than text: nothing, or something that is no object. */
const isScalar = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0);
const isNothing = (value: unknown): boolean => value == null || value === '';

const KEY = '"content"';
const TO_TEXT = /"content"\s*:\s*"/y;
const NEEDS_PARSING = /["\\\u0000-\u001f]/;
/** A slice of fewer characters is a copy; a longer one would keep the whole event in memory. */
const LONGEST_COPY = 12;
/** So often in a row an event that was remembered was not like the next one: this stream is of another kind. */
const MOST_DISAPPOINTMENTS = 8;

/**
 * Most events of a stream differ from the one before in nothing but their text. Where all else is the same letter for letter,
 * parsing it again would say the same again: in valid JSON, one string may take the place of another, and everything around it
 * means what it meant. So the text alone is read. That costs a tenth of parsing the event.
 */
export class LikeTheLast {
  private frame: Frame | undefined;
  private disappointments = 0;

  /** The text of an event that is else the last one; undefined where it is another. */
  contentOf(data: string): string | undefined {
    if (this.frame === undefined) return undefined;
    const { before, after } = this.frame;
    const end = data.length - after.length;
    // Slices are compared eight times as fast as `startsWith` and `endsWith` do it.
    if (end < before.length || data.slice(0, before.length) !== before || data.slice(end) !== after) return undefined;
    const content = unquoted(data.slice(before.length, end));
    if (content !== undefined) this.disappointments = 0;
    return content;
  }

  /** Remembers an event that has been read, if it brought text and nothing else; else forgets the one before. */
  learn(data: string, chunk: Json, choice: Json): void {
    if (this.frame !== undefined) this.disappointments += 1;
    this.frame = undefined;
    if (this.disappointments >= MOST_DISAPPOINTMENTS) return;
    const content = textAlone(chunk, choice);
    if (content !== undefined) this.frame = frameOf(data, content);
  }
}

/** The content of an event that says nothing else that adds up: reading it twice would add its text twice, and no more. */
function textAlone(chunk: Json, choice: Json): string | undefined {
  const delta = asObject(choice.delta);
  if (delta === undefined || typeof delta.content !== 'string') return undefined;
  const isAlone = Array.isArray(chunk.choices) && chunk.choices.length === 1;
  const addsUp =
    [choice.finish_reason, delta.refusal, delta.reasoning, delta.reasoning_content].some(
      (value) => !isNothing(value),
    ) || [chunk.error, choice.error, choice.logprobs].some((value) => value != null);
  const isPlain =
    isFlat(chunk, 'choices') &&
    isFlat(choice, 'delta') &&
    isFlat(delta) &&
    typeof choice.index !== 'object' &&
    !shareKey([chunk, choice, delta]);
  return isAlone && !addsUp && isPlain ? delta.content : undefined;
}

/** What is told twice under one name is noted as a change each time. */
function shareKey([chunk, choice, delta]: readonly [Json, Json, Json]): boolean {
  return (
    Object.keys(choice).some((key) => key in chunk) || Object.keys(delta).some((key) => key in chunk || key in choice)
  );
}

function isFlat(values: Json, except?: string): boolean {
  return Object.entries(values).every(([key, value]) => key === except || isScalar(value));
}

/**
 * Within a string of JSON a quote is escaped: what looks like a key is one. Where nothing around the text is escaped and the key
 * stands there once, it is the one that was read.
 */
function frameOf(data: string, content: string): Frame | undefined {
  TO_TEXT.lastIndex = data.indexOf(KEY);
  if (TO_TEXT.lastIndex === -1 || data.lastIndexOf(KEY) !== TO_TEXT.lastIndex || !TO_TEXT.test(data)) return undefined;
  const start = TO_TEXT.lastIndex;
  const end = closingQuote(data, start);
  const frame = { before: data.slice(0, start), after: data.slice(end) };
  return unquoted(data.slice(start, end)) === content && !`${frame.before}${frame.after}`.includes('\\')
    ? frame
    : undefined;
}

function closingQuote(data: string, start: number): number {
  let at = start;
  while (at < data.length && data[at] !== '"') at += data[at] === '\\' ? 2 : 1;
  return at;
}

/** What stands between the quotes of a JSON string; undefined if that is none. */
function unquoted(body: string): string | undefined {
  if (body.length <= LONGEST_COPY && !NEEDS_PARSING.test(body)) return body;
  try {
    return JSON.parse(`"${body}"`) as string;
  } catch {
    return undefined;
  }
}
