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
 * The text of a content field: a string, a part, or a list of parts.
 * @throws GenerationError `malformed-answer`
 */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (content == null) return '';
  const part = asObject(content);
  if (part !== undefined) return Array.isArray(part.parts) ? textOf(part.parts) : partOf(part);
  if (!Array.isArray(content)) throw malformed(content);
  return content.map((each) => (typeof each === 'string' ? each : (asText(asObject(each)?.text) ?? ''))).join('');
}

/** A single part of a kind without text is of a shape that is not known. */
function partOf(part: Json): string {
  if (typeof part.text !== 'string') throw malformed(part);
  return part.text;
}

/** The parts of a content field that hold something else than text or thoughts: a sound, a document. */
export function otherPartsOf(content: unknown): readonly Json[] {
  return asList(content)
    .map(asObject)
    .filter((part) => part !== undefined)
    .filter((part) => typeof part.text !== 'string' && part.type !== 'thinking');
}
