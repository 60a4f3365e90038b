import { partsOf, urlOf } from './chunk.js';
import { joinPieces } from './join-pieces.js';
import { asList, asObject } from './json.js';
import type { Json } from './json.js';
import {
  READ_OF_CALL,
  READ_OF_CHOICE,
  READ_OF_CHUNK,
  READ_OF_DELTA,
  READ_OF_FUNCTION,
  READ_OF_IMAGE,
} from './read-fields.js';
import type { ReadFields } from './read-fields.js';
import { Unknown } from './unknown.js';

/** Only the last value of these counts: a growing count, a time, padding. */
const LAST_WORD = new Set(['usage', 'created', 'obfuscation']);

/** A chunk, the choice of it that is read, and those that are not. */
export interface TakenChunk {
  readonly chunk: Json;
  readonly choice: Json;
  readonly others: readonly Json[];
}

/**
 * Collects a vendor's fields other than the content, in the vendor's own shape.
 *
 * - Of each field it keeps the last value, and under `earlier` the different values before it.
 * - As lists it keeps all `logprobs`, events of other kinds (`events`), extra fields of `tool_calls` and `images`, and parts of the
 *   content that are no text (`content_parts`).
 * - `audio` is the vendor's object, or the list of its pieces; `choices` are the answers beside the first one.
 *
 * What of it may be content, and is not known, is named in `unknown`.
 */
export class Metadata {
  readonly unknown = new Unknown();
  private readonly fields = new Map<string, unknown>();
  private readonly earlier = new Map<string, unknown[]>();
  private readonly lists = new Map<string, unknown[]>();
  private readonly sounds: unknown[] = [];
  private readonly choices = new Map<unknown, Json>();

  take({ chunk, choice, others }: TakenChunk): void {
    if (this.unknown.isEvent(chunk)) {
      gather(this.lists, 'events', chunk);
      return;
    }
    this.note(chunk, READ_OF_CHUNK);
    this.note(choice, READ_OF_CHOICE);
    if (choice.logprobs != null) gather(this.lists, 'logprobs', choice.logprobs);
    for (const other of others) this.takeOther(other);
    const [delta, message] = [asObject(choice.delta), asObject(choice.message)];
    if (delta !== undefined) this.takeContent(delta);
    if (message !== undefined) this.takeContent(message);
  }

  whole(): Json {
    const { fields, lists, earlier, choices, sounds } = this;
    return {
      ...Object.fromEntries(fields),
      ...Object.fromEntries(lists),
      ...(sounds.length > 0 && { audio: sounds.length === 1 ? sounds[0] : sounds }),
      ...(choices.size > 0 && { choices: [...choices.values()] }),
      ...(earlier.size > 0 && { earlier: Object.fromEntries(earlier) }),
    };
  }

  /** An answer beside the first one, as one message, however it comes. */
  private takeOther(choice: Json): void {
    const { delta, message, ...rest } = choice;
    this.unknown.nameChoice(choice.index);
    const pieces = [asObject(delta), asObject(message)].filter((piece) => piece !== undefined);
    this.choices.set(
      choice.index,
      pieces.reduce(
        (joined: Json, piece) => joinPieces(joined, { message: piece }),
        joinPieces(this.choices.get(choice.index) ?? {}, rest),
      ),
    );
  }

  private takeContent(delta: Json): void {
    this.note(delta, READ_OF_DELTA);
    if (delta.audio != null) this.sounds.push(delta.audio);
    if (typeof delta.content === 'object' && delta.content !== null) {
      const { others, besideText } = partsOf(delta.content);
      for (const part of [...others, ...besideText]) gather(this.lists, 'content_parts', part);
    }
    for (const call of delta.tool_calls == null ? [] : asList(delta.tool_calls))
      this.noteFurther(
        'tool_calls',
        { ...without(call, READ_OF_CALL), ...without(asObject(call)?.function, READ_OF_FUNCTION) },
        asObject(call)?.index,
      );
    asList(delta.images).forEach((image, index) => {
      const address = asObject(image)?.image_url;
      const isRead = urlOf(image) !== undefined;
      const further = isRead
        ? { ...without(image, READ_OF_IMAGE), ...without(address, READ_OF_IMAGE) }
        : asObject(image);
      this.noteFurther('images', further ?? { image }, index);
    });
  }

  private note(values: Json, of: ReadFields): void {
    // Faster than `Object.keys`, and this runs for each token.
    for (const key in values) {
      const value = values[key];
      if (value == null || of.read.has(key)) continue;
      const before = this.fields.get(key);
      if (value === before || of.shapes.get(key)?.(value) === true) continue;
      if (before !== undefined && !LAST_WORD.has(key)) {
        if (isSame(before, value)) continue;
        gather(this.earlier, key, before);
      }
      this.fields.set(key, value);
      this.unknown.nameField(key, value, of);
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

function without(value: unknown, read: ReadonlySet<string>): Json {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).filter(([key, field]) => field != null && !read.has(key)),
  );
}

function isSame(before: unknown, value: unknown): boolean {
  return typeof value === 'object' && JSON.stringify(before) === JSON.stringify(value);
}
