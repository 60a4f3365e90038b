import type { Clock } from '../core/clock.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { withinTime } from '../core/util/within-time.js';

/** Limits of how much of a body is read, and for how long. */
export interface BodyBounds {
  readonly maxBytes: number;
  /** Stops reading after this time and returns what has arrived. */
  readonly withinMs: number;
  readonly clock: Clock;
}

/**
 * Reads the whole body as text.
 * @param onBytes called with the size of each chunk
 * @throws GenerationError `buffer-limit` beyond `maxBytes`
 */
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
        `The answer is longer than ${maxBytes} bytes. The connection was closed.`,
      );
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Reads a body up to its bounds and never fails, since it explains another failure. The caller closes the rest. */
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
  // A body that breaks off still yields what has arrived.
  await withinTime(
    collect().catch(() => undefined),
    { clock, ms: withinMs, otherwise: undefined },
  );
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes));
}
