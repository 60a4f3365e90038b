import { asObject } from './json.js';
import type { Json } from './json.js';

/** The event's text up to its content, and after it. */
interface Frame {
  readonly before: string;
  readonly after: string;
}

/** Whether a field can be ignored next to text: it is absent, a scalar or an empty list. */
const isScalar = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0);
const isNothing = (value: unknown): boolean => value == null || value === '';

const KEY = '"content"';
const TO_TEXT = /"content"\s*:\s*"/y;
const NEEDS_PARSING = /["\\\u0000-\u001f]/;
/** V8 copies a slice up to this length; a longer one would keep the whole event in memory. */
const LONGEST_COPY = 12;
/** After this many consecutive mismatches the stream is treated as irregular, and no event is remembered. */
const MAX_MISMATCHES = 8;

/**
 * Reads the text of an event that differs from the previous one only in its text, without parsing it. If everything
 * else is identical letter for letter, parsing it again would give the same values: replacing one string in valid JSON
 * does not change the meaning of the rest. This costs a tenth of parsing the event.
 */
export class LikeTheLast {
  private frame: Frame | undefined;
  private mismatches = 0;

  /** The text of an event that otherwise equals the previous one; undefined if it differs. */
  contentOf(data: string): string | undefined {
    if (this.frame === undefined) return undefined;
    const { before, after } = this.frame;
    const end = data.length - after.length;
    // Comparing slices is eight times as fast as `startsWith` and `endsWith`.
    if (end < before.length || data.slice(0, before.length) !== before || data.slice(end) !== after) return undefined;
    const content = unquoted(data.slice(before.length, end));
    if (content !== undefined) this.mismatches = 0;
    return content;
  }

  /** Remembers a parsed event if it brought only text; otherwise forgets the previous one. */
  learn(data: string, chunk: Json, choice: Json): void {
    if (this.frame !== undefined) this.mismatches += 1;
    this.frame = undefined;
    if (this.mismatches >= MAX_MISMATCHES) return;
    const content = textAlone(chunk, choice);
    if (content !== undefined) this.frame = frameOf(data, content);
  }
}

/** The content of an event without other fields that accumulate: reading it twice would only add its text twice. */
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

/** `Metadata` records a key that occurs on two levels as a change each time. */
function shareKey([chunk, choice, delta]: readonly [Json, Json, Json]): boolean {
  return (
    Object.keys(choice).some((key) => key in chunk) || Object.keys(delta).some((key) => key in chunk || key in choice)
  );
}

function isFlat(values: Json, except?: string): boolean {
  return Object.entries(values).every(([key, value]) => key === except || isScalar(value));
}

/**
 * Quotes inside a JSON string are escaped, so a match of the key is a real key. If nothing around the text is escaped
 * and the key occurs once, it is the one that was read.
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

/** Decodes the inside of a JSON string; undefined if it is invalid. */
function unquoted(body: string): string | undefined {
  if (body.length <= LONGEST_COPY && !NEEDS_PARSING.test(body)) return body;
  try {
    return JSON.parse(`"${body}"`) as string;
  } catch {
    return undefined;
  }
}
