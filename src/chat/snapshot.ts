import { partsOf } from './chunk.js';
import { asList } from './json.js';
import type { Json } from './json.js';
import { ThoughtsAtHead } from './thoughts-at-head.js';
import type { ThoughtsInText } from './thoughts-at-head.js';

/** What has been read of an answer so far. */
export interface ReadSoFar {
  readonly text: string;
  /** Whether chunks with `delta` have brought some of it. Otherwise chunks with `message` may be pieces, too. */
  readonly hasDeltas: boolean;
  readonly hasReasoning: boolean;
  readonly thoughtsInText: ThoughtsInText;
}

/** What a `message` in a stream adds. `isOther`: it says something else than what was read. */
export interface Snapshot {
  readonly message: Json;
  readonly isOther: boolean;
}

/**
 * The part of a `message` in a stream that was not read yet: vendors repeat the whole answer in the last chunk, or in all of them.
 * @see docs/write-a-provider.md
 */
export function restOf(message: Json, { text, hasDeltas, hasReasoning, thoughtsInText }: ReadSoFar): Snapshot {
  const parts = partsOf(message.content);
  const whole = withoutThoughts(parts.text, thoughtsInText);
  const isRepeated = whole.startsWith(text);
  const isPiece = !isRepeated && !hasDeltas;
  const rest = isRepeated ? whole.slice(text.length) : isPiece ? whole : '';
  return {
    message: {
      ...message,
      content: [...(hasReasoning ? [] : parts.thoughts), ...parts.others, rest],
      ...(hasReasoning && { reasoning: null, reasoning_content: null }),
    },
    isOther: !isRepeated && !isPiece && whole.trim() !== '' && whole.trim() !== text.trim(),
  };
}

function withoutThoughts(text: string, where: ThoughtsInText): string {
  const head = new ThoughtsAtHead(where);
  return head.take(text).text + head.rest().text;
}

/** Whether a delta brings anything but a role. */
export function bringsSomething(delta: Json): boolean {
  return Object.entries(delta).some(
    ([key, value]) =>
      key !== 'role' && value != null && value !== '' && !(Array.isArray(value) && asList(value).length === 0),
  );
}
