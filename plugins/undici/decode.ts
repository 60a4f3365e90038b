import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { GenerationError } from 'scriptorium';
import type { ByteQueue } from './byte-queue.js';

/** Makes what undoes a coding, which may depend on the first bytes. */
type MakeDecoder = (first: Uint8Array) => NodeJS.ReadWriteStream & AsyncIterable<Uint8Array>;

const DECODERS: ReadonlyMap<string, MakeDecoder | 'nothing to do'> = new Map<string, MakeDecoder | 'nothing to do'>([
  ['identity', 'nothing to do'],
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', inflateFor],
  ['x-deflate', inflateFor],
  ['br', () => createBrotliDecompress()],
]);

/** Answers are asked for uncompressed; one that comes otherwise coded must be in one layer, and one that is known. @throws `protocol` */
export function checkCoding(coding: string): void {
  if (coding === '' || DECODERS.has(coding)) return;
  throw new GenerationError(
    'protocol',
    `Unsupported content-encoding "${coding.slice(0, 100)}"; supported is one of: ${[...DECODERS.keys()].join(', ')}.`,
  );
}

/** The body less its coding; as it is, if the coding is none or unknown. */
export function decoded(body: ByteQueue, coding: string): AsyncIterable<Uint8Array> {
  const make = DECODERS.get(coding);
  return make === undefined || make === 'nothing to do' ? body : decodedBy(make, body);
}

async function* decodedBy(make: MakeDecoder, body: ByteQueue): AsyncGenerator<Uint8Array> {
  const first = await body.next();
  if (first.done === true) return;
  body.unread(first.value);
  const decoder = make(first.value);
  // What goes wrong anywhere is what the reader of the decoder gets.
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
  yield* decoder;
}

/** "deflate" comes with the wrapping of zlib (RFC 1950), whose first byte says so, or without (RFC 1951). */
function inflateFor(first: Uint8Array): ReturnType<MakeDecoder> {
  return ((first[0] ?? 0) & 0x0f) === 0x08 ? createInflate() : createInflateRaw();
}
