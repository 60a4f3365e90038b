import type { Clock } from '../core/clock.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { withinTime } from '../core/util/within-time.js';

export interface BodyBounds {
  readonly maxBytes: number;
  /** Stops waiting for more after so long; what has come is used. */
  readonly withinMs: number;
  readonly clock: Clock;
}

/** The whole body as text. Each chunk is told to `onBytes`. @throws `buffer-limit` beyond `maxBytes` */
export async function readWhole(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  onBytes: (count: number) => void,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    onBytes(chunk.length);
    size += chunk.length;
    if (size > maxBytes)
      throw new GenerationError(
        'buffer-limit',
        `The answer is longer than ${maxBytes} bytes; the connection was closed.`,
      );
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/**
 * As much of a body as its bounds allow: for the explanation of a failure, which must not become another one. What is
 * left unread is the caller's to close.
 */
export async function readSome(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, withinMs, clock }: BodyBounds,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  const iterator = body[Symbol.asyncIterator]();
  const collect = async (): Promise<void> => {
    let size = 0;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size >= maxBytes) return;
    }
  };
  // A body that breaks off explains what it has explained.
  await withinTime(
    collect().catch(() => undefined),
    { clock, ms: withinMs, otherwise: undefined },
  );
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes));
}
