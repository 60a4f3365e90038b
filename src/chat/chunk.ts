import { malformed } from '../providers/no-answer.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';

/**
 * Returns the choices of a chunk. Pings, debug and usage chunks have none. An unknown shape throws, because it may hide
 * text.
 * @throws GenerationError `malformed-answer`
 */
export function choicesOf({ choices }: Json): readonly Json[] {
  const isOfKnownShape =
    choices == null ||
    (Array.isArray(choices) && choices.every((choice) => choice == null || asObject(choice) !== undefined));
  if (!isOfKnownShape) throw malformed(choices);
  return asList(choices).map((choice) => asObject(choice) ?? {});
}

/** The index of a choice; 0 if it has none. */
export function indexOf(choice: Json | undefined): unknown {
  return choice?.index ?? 0;
}

/**
 * The `delta` or `message` of a choice. An empty list or text, which some servers send for an empty object, is none.
 * @throws GenerationError `malformed-answer` for any other shape, because it may hide text
 */
export function contentIn(choice: Json, key: 'delta' | 'message'): Json | undefined {
  const value = choice[key];
  if (value == null) return undefined;
  const object = asObject(value);
  const isNothing = object === undefined && (value === '' || (Array.isArray(value) && value.length === 0));
  if (object === undefined && !isNothing) throw malformed(value);
  return object;
}

/** What the `content` of a message holds. */
export interface ContentParts {
  readonly text: string;
  readonly thought: string;
  readonly refusal: string;
  /** The parts that hold thoughts, as they came: they may have to be sent back. */
  readonly thoughts: readonly Json[];
  /** Parts that hold something else: a sound, a document, a reference. */
  readonly others: readonly Json[];
  /** What stands beside a text in its part, such as its sources. */
  readonly besideText: readonly Json[];
}

/** Types of parts that hold thoughts: Mistral's, and those of gateways to Anthropic and OpenAI. */
const THOUGHTS: ReadonlySet<unknown> = new Set(['thinking', 'reasoning', 'thought']);
const OF_TEXT: ReadonlySet<string> = new Set(['type', 'text', 'index']);

/**
 * Sorts a content field: a text, a part, or a list of either.
 * @throws GenerationError `malformed-answer` for any other shape, because it may hide text
 */
export function partsOf(content: unknown): ContentParts {
  const parts = listOf(content);
  const objects = parts.filter((part) => typeof part !== 'string');
  const thoughts = objects.filter(isThought);
  const rest = objects.filter(isPlain);
  return {
    text: parts.map((part) => (typeof part === 'string' ? part : isPlain(part) ? textIn(part) : '')).join(''),
    thought: thoughts.map(thoughtIn).join(''),
    refusal: objects.map((part) => (part.type === 'refusal' ? (asText(part.refusal) ?? '') : '')).join(''),
    thoughts,
    others: rest.filter(({ text }) => typeof text !== 'string'),
    besideText: rest.filter(({ text }) => typeof text === 'string').flatMap(besideText),
  };
}

function isThought({ type }: Json): boolean {
  return THOUGHTS.has(type);
}

function isPlain(part: Json): boolean {
  return !isThought(part) && part.type !== 'refusal';
}

/** A single part of a kind without text is of a shape that is not known. */
function listOf(content: unknown): readonly (string | Json)[] {
  if (typeof content === 'string') return [content];
  if (content == null) return [];
  const part = asObject(content);
  if (part !== undefined) {
    if (Array.isArray(part.parts)) return listOf(part.parts);
    if (typeof part.text !== 'string' && !THOUGHTS.has(part.type)) throw malformed(part);
    return [part];
  }
  if (!Array.isArray(content)) throw malformed(content);
  return asList(content)
    .filter((each) => each != null)
    .map((each) => {
      const of = typeof each === 'string' ? each : asObject(each);
      if (of === undefined) throw malformed(each);
      return of;
    });
}

function textIn({ text }: Json): string {
  return asText(text) ?? '';
}

/** `thinking` is a text, or a list of parts with texts. */
function thoughtIn(part: Json): string {
  const { thinking } = part;
  if (Array.isArray(thinking))
    return asList(thinking)
      .map((each) => textIn(asObject(each) ?? {}))
      .join('');
  return asText(thinking) ?? asText(part.reasoning) ?? textIn(part);
}

function besideText(part: Json): readonly Json[] {
  const further = Object.entries(part).filter(
    ([key, value]) => !OF_TEXT.has(key) && value != null && !(Array.isArray(value) && value.length === 0),
  );
  return further.length === 0 ? [] : [{ type: part.type, ...Object.fromEntries(further) }];
}

/** The address of an image: in an object, or as it is. */
export function urlOf(image: unknown): string | undefined {
  const { image_url: address } = asObject(image) ?? {};
  return asText(address) ?? asText(asObject(address)?.url);
}
