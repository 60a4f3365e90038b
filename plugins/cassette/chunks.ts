import { isUtf8 } from 'node:buffer';
import type { Edit } from './edits.js';
import type { RecordedChunk } from './exchange.js';

/** A piece of a body, and when it came. */
export interface TimedBytes {
  readonly atMs: number;
  readonly bytes: Buffer;
}

/** The chunks as they are written down. The whole of them is scrubbed: what is secret may be split among them. */
export function recordedChunks(
  chunks: readonly TimedBytes[],
  scrubbing: (text: string) => readonly Edit[],
): readonly RecordedChunk[] {
  return edited(chunks, scrubbing).map(({ atMs, bytes }) =>
    isUtf8(bytes) ? { atMs, text: bytes.toString() } : { atMs, base64: bytes.toString('base64') },
  );
}

/** The bytes of a chunk, exactly as they were recorded. */
export function bytesOf(chunk: RecordedChunk): Uint8Array {
  return 'text' in chunk ? Buffer.from(chunk.text) : Buffer.from(chunk.base64, 'base64');
}

function edited(chunks: readonly TimedBytes[], scrubbing: (text: string) => readonly Edit[]): readonly TimedBytes[] {
  const whole = Buffer.concat(chunks.map(({ bytes }) => bytes));
  // Of bytes that are no text, each stands for a character.
  const encoding = isUtf8(whole) ? 'utf8' : 'latin1';
  const text = whole.toString(encoding);
  const edits = inBytes(text, scrubbing(text), encoding);
  if (edits.length === 0) return chunks;
  let offset = 0;
  return chunks.flatMap(({ atMs, bytes }) => {
    const kept = Buffer.concat(partsOf(bytes, offset, edits));
    offset += bytes.length;
    return kept.length === 0 && bytes.length > 0 ? [] : [{ atMs, bytes: kept }];
  });
}

interface ByteEdit {
  readonly start: number;
  readonly end: number;
  readonly replacement: Buffer;
}

function inBytes(text: string, edits: readonly Edit[], encoding: 'utf8' | 'latin1'): readonly ByteEdit[] {
  let [character, byte] = [0, 0];
  const goTo = (position: number): number => {
    byte += Buffer.byteLength(text.slice(character, position), encoding);
    character = position;
    return byte;
  };
  return edits.map(({ start, end, replacement }) => ({
    start: goTo(start),
    end: goTo(end),
    replacement: Buffer.from(replacement, encoding),
  }));
}

/** What is left of one chunk. A replacement belongs to the chunk in which its place begins. */
function partsOf(bytes: Buffer, offset: number, edits: readonly ByteEdit[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  const end = offset + bytes.length;
  let at = offset;
  for (const edit of edits) {
    const beginsHere = edit.start >= offset && edit.start < end;
    if (!beginsHere && !(edit.start < offset && edit.end > offset)) continue;
    if (beginsHere) parts.push(bytes.subarray(at - offset, edit.start - offset), edit.replacement);
    at = Math.min(edit.end, end);
  }
  return [...parts, bytes.subarray(at - offset)];
}
