import { asList, asObject } from './json.js';
import type { Json } from './json.js';

/** What events carry already. */
const TOLD = new Set(['choices', 'error']);
const TOLD_OF_CHOICE = new Set(['index', 'delta', 'message', 'finish_reason', 'error', 'logprobs']);
const TOLD_OF_DELTA = new Set([
  'role',
  'content',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'refusal',
  'tool_calls',
  'annotations',
  'images',
]);
const TOLD_OF_CALL = new Set(['index', 'id', 'type', 'function']);
const TOLD_OF_FUNCTION = new Set(['name', 'arguments']);
const TOLD_OF_IMAGE = new Set(['type', 'image_url']);
const TOLD_OF_IMAGE_URL = new Set(['url']);

/** Of these only the last word counts: a count that grows, a time, a padding. */
const LAST_WORD = new Set(['usage', 'created', 'obfuscation']);

/**
 * What a vendor says beside the content, in its own shape, wherever in the answer it stands: the last word on each field,
 * and under `earlier` what the field had said before, if that was something else. Of `logprobs`, and of what is said of a
 * tool call or an image beside the call and the image, all there was, as a list.
 */
export class Metadata {
  private readonly fields = new Map<string, unknown>();
  private readonly earlier = new Map<string, unknown[]>();
  private readonly lists = new Map<string, unknown[]>();

  take(chunk: Json, choice: Json): void {
    this.note(chunk, TOLD);
    this.note(choice, TOLD_OF_CHOICE);
    if (choice.logprobs != null) gather(this.lists, 'logprobs', choice.logprobs);
    const delta = asObject(choice.delta) ?? asObject(choice.message);
    if (delta === undefined) return;
    this.note(delta, TOLD_OF_DELTA);
    for (const call of delta.tool_calls == null ? [] : asList(delta.tool_calls)) {
      this.noteFurther(
        'tool_calls',
        { ...without(call, TOLD_OF_CALL), ...without(asObject(call)?.function, TOLD_OF_FUNCTION) },
        asObject(call)?.index,
      );
    }
    asList(delta.images).forEach((image, index) => {
      this.noteFurther(
        'images',
        { ...without(image, TOLD_OF_IMAGE), ...without(asObject(image)?.image_url, TOLD_OF_IMAGE_URL) },
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

  private note(values: Json, told: ReadonlySet<string>): void {
    // Quicker than the keys as a list, and this runs for each token.
    for (const key in values) {
      const value = values[key];
      if (value == null || told.has(key)) continue;
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

function without(value: unknown, told: ReadonlySet<string>): Json {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).filter(([key, field]) => field != null && !told.has(key)),
  );
}

function isSame(before: unknown, value: unknown): boolean {
  return typeof value === 'object' && JSON.stringify(before) === JSON.stringify(value);
}
