import { WordCounter } from 'scriptorium';
import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE } from './writer.js';
import type { ChapterJob, ChapterWriter, Connection } from './writer.js';

/** Tries of one chapter: the first and three more, as BookGen's retry handler has it. */
const TRIES = 4;

/**
 * A client as BookGen's, https://github.com/JPMarichal/bookgen (`openrouter_client.py`, `retry_handler.py`): reads the lines of
 * a stream, skips those that are not JSON, takes the end of the stream for the end of the text, and does not look at
 * errors and finish reasons in it. Whatever throws is tried again from the first word, after a growing wait. BookGen's own
 * streams have no second try; here they have its three.
 */
export function bareClient(connection: Connection): ChapterWriter {
  return async (job) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await readStream(connection, job);
      } catch (error) {
        job.signal.throwIfAborted();
        if (attempt === TRIES) throw error;
        const waitMs = PATIENCE.baseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        job.report({ words: 0, note: `${reasonOf(error)}: starts over` });
        await delay(waitMs, undefined, { signal: job.signal });
      }
    }
  };
}

async function readStream(
  { url, model, title }: Connection,
  { messages, signal, report }: ChapterJob,
): Promise<string> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('silence')), PATIENCE.silenceMs);
  try {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      signal: AbortSignal.any([signal, silence.signal]),
      headers: { authorization: 'Bearer demo', 'content-type': 'application/json', 'x-title': title },
      body: JSON.stringify({ model, messages, stream: true }),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const counter = new WordCounter();
    let text = '';
    for await (const line of linesOf(response, () => timer.refresh())) {
      if (!line.startsWith('data: ')) continue;
      if (line === 'data: [DONE]') break;
      const delta = contentOf(line.slice('data: '.length));
      text += delta;
      counter.take(delta);
      report({ words: counter.words });
    }
    return text;
  } finally {
    clearTimeout(timer);
  }
}

/** The text of a chunk. A chunk that is not JSON is skipped, and so is everything in it but text. */
function contentOf(data: string): string {
  try {
    const chunk = JSON.parse(data) as {
      readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
    };
    return chunk.choices?.[0]?.delta?.content ?? '';
  } catch {
    return '';
  }
}

async function* linesOf({ body }: Response, onBytes: () => void): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    onBytes();
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** `fetch` says "fetch failed" or "terminated" for any connection that breaks. */
function reasonOf(error: unknown): string {
  return /HTTP \d+|silence/.exec(String(error))?.[0] ?? 'broken';
}
