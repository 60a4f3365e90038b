import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';

/** A longer line is not a request of a batch. */
export const LONGEST_LINE_BYTES = 64 * 2 ** 20;

/** A line of a file, without its end. Undefined: its bytes are not valid UTF-8. */
export type Line = string | undefined;

/**
 * Reads a text file line by line, in constant memory. Unpacks gzip. Takes LF and CRLF, with and without a byte order mark.
 * @param source a path, or a stream
 * @throws an error of the file system or of zlib; RangeError for a line of more than 64 MiB
 */
export async function* readLines(source: string | Readable): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const bytes of byteLines(await unpacked(source))) yield decoded(bytes, decoder);
}

function decoded(bytes: Uint8Array, decoder: TextDecoder): Line {
  try {
    return decoder.decode(bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes);
  } catch {
    return undefined;
  }
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

async function* byteLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let open: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...open, chunk.subarray(from, end)]);
      [open, length, from] = [[], 0, end + 1];
    }
    open.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE_BYTES) throw new RangeError('It has a line of more than 64 MiB.');
  }
  if (length > 0) yield Buffer.concat(open);
}

/** Gzip shows in its first two bytes, whatever the file is called. */
async function unpacked(source: string | Readable): Promise<AsyncIterable<Buffer>> {
  const file = typeof source === 'string' ? createReadStream(source) : source;
  const chunks = (file as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return Readable.from([]);
  const all = beginningWith(first.value, chunks);
  const isPacked = first.value[0] === 0x1f && first.value[1] === 0x8b;
  // Errors come out of the iteration.
  return isPacked ? pipeline(Readable.from(all), createGunzip(), () => undefined) : all;
}

async function* beginningWith(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => chunks };
}
