import type { WireResponse } from '../core/transport.js';

/** The body of an answer, and whether it holds server-sent events. */
export interface ReadBody {
  readonly isEvents: boolean;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Characters that tell events from anything else: the name of a field, and its colon. */
const ENOUGH = 6;
const EVENTS = /^(data|event|id|retry)?:/;

/**
 * Finds out whether a body holds server-sent events. A content type that says so is trusted; every other is a hint only, since
 * gateways send events as `text/plain`, `application/json` or without a type. The body that is returned is whole, but for blanks
 * at its start, by which some vendors keep a connection alive.
 * @param onBlanks called with the size of each chunk that holds nothing else
 */
export async function readKind({ headers, body }: WireResponse, onBlanks: (count: number) => void): Promise<ReadBody> {
  const contentType = headers.get('content-type');
  if (contentType?.toLowerCase().startsWith('text/event-stream') === true) return { isEvents: true, body };
  const iterator = body[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  const decoder = new TextDecoder();
  let start = '';
  while (start.length < ENOUGH) {
    const next = await iterator.next();
    if (next.done === true) break;
    start = (start + decoder.decode(next.value, { stream: true })).trimStart();
    if (start === '' && seen.length === 0) {
      onBlanks(next.value.length);
      continue;
    }
    seen.push(next.value);
    if (/^[{[<]/.test(start)) break;
  }
  return { isEvents: EVENTS.test(start), body: resumed(seen, iterator) };
}

async function* resumed(seen: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* seen;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
