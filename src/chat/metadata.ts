import { otherPartsOf } from './chunk.js';
import { asList, asObject } from './json.js';
import type { Json } from './json.js';

/** Fields that events carry already. */
const REPORTED = new Set(['choices', 'error']);
const REPORTED_OF_CHOICE = new Set(['index', 'delta', 'message', 'finish_reason', 'error', 'logprobs']);
const REPORTED_OF_DELTA = new Set([
  'role',
  'content',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'refusal',
  'tool_calls',
  'function_call',
  'annotations',
  'images',
]);
const REPORTED_OF_CALL = new Set(['index', 'id', 'type', 'function']);
const REPORTED_OF_FUNCTION = new Set(['name', 'arguments']);
const REPORTED_OF_IMAGE = new Set(['type', 'image_url']);
const REPORTED_OF_IMAGE_URL = new Set(['url']);

/** Only the last value of these counts: a growing count, a time, padding. */
const LAST_WORD = new Set(['usage', 'created', 'obfuscation']);

/**
 * Collects a vendor's fields other than the content, in the vendor's own shape. It keeps the last value of each field,
 * and under `earlier` the different values before it. It keeps all `logprobs`, all extra fields of tool calls and
 * images, and all parts of the content that are no text, as lists.
 */
export class Metadata {
  private readonly fields = new Map<string, unknown>();
  private readonly earlier = new Map<string, unknown[]>();
  private readonly lists = new Map<string, unknown[]>();

  take(chunk: Json, choice: Json): void {
    this.note(chunk, REPORTED);
    this.note(choice, REPORTED_OF_CHOICE);
    if (choice.logprobs != null) gather(this.lists, 'logprobs', choice.logprobs);
    const delta = asObject(choice.delta) ?? asObject(choice.message);
    if (delta === undefined) return;
    this.note(delta, REPORTED_OF_DELTA);
    if (typeof delta.content === 'object')
      for (const part of otherPartsOf(delta.content)) gather(this.lists, 'content_parts', part);
    for (const call of delta.tool_calls == null ? [] : asList(delta.tool_calls)) {
      this.noteFurther(
        'tool_calls',
        { ...without(call, REPORTED_OF_CALL), ...without(asObject(call)?.function, REPORTED_OF_FUNCTION) },
        asObject(call)?.index,
      );
    }
    asList(delta.images).forEach((image, index) => {
      this.noteFurther(
        'images',
        { ...without(image, REPORTED_OF_IMAGE), ...without(asObject(image)?.image_url, REPORTED_OF_IMAGE_URL) },
        index,
      );
    });
  }

  whole(): Json {
    const { fields, lists, earlier } = this;
    return {
      ...Object.fromEntries(fields),
      ...Object.fromEntries(lists),
      ...(earlier.size > 0 && { earlier: Object.fromEntries(earlier) }),
    };
  }

  private note(values: Json, reported: ReadonlySet<string>): void {
    // Faster than `Object.keys`, and this runs for each token.
    for (const key in values) {
      const value = values[key];
      if (value == null || reported.has(key)) continue;
      const before = this.fields.get(key);
      if (value === before) continue;
      if (before !== undefined && !LAST_WORD.has(key)) {
        if (isSame(before, value)) continue;
        gather(this.earlier, key, before);
      }
      this.fields.set(key, value);
    }
  }

  private noteFurther(key: string, further: Json, index: unknown): void {
    if (Object.keys(further).length > 0) gather(this.lists, key, { index, ...further });
  }
}

function gather(lists: Map<string, unknown[]>, key: string, value: unknown): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function without(value: unknown, reported: ReadonlySet<string>): Json {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).filter(([key, field]) => field != null && !reported.has(key)),
  );
}

function isSame(before: unknown, value: unknown): boolean {
  return typeof value === 'object' && JSON.stringify(before) === JSON.stringify(value);
}
