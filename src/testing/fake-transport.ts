import { AbortError } from '../core/errors/classes.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { AttemptMonitor } from '../core/monitor.js';
import type { Transport, WireRequest, WireResponse } from '../core/transport.js';

/** An answer in memory. */
export interface FakeAnswer {
  /** 200 by default. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The chunks of the body; an error breaks it off there. */
  readonly body?: readonly (string | GenerationError)[];
  /** The body never ends by itself: only aborting ends it. */
  readonly stalls?: boolean;
}

/**
 * A transport without a network: each request gets the next of the answers, the last one again and again. An error in the
 * place of an answer fails the request. Keeps what it was asked; aborting ends it as it ends a real one.
 */
export class FakeTransport implements Transport {
  /** The requests in their order. There may be keys in the headers. */
  readonly requests: WireRequest[] = [];
  /** Whether the pipeline has closed it. */
  isClosed = false;
  private readonly answers: readonly (FakeAnswer | GenerationError)[];

  constructor(...answers: readonly (FakeAnswer | GenerationError)[]) {
    this.answers = answers;
  }

  async open(request: WireRequest, signal: AbortSignal, monitor: AttemptMonitor): Promise<WireResponse> {
    await Promise.resolve();
    if (signal.aborted) throw new AbortError();
    const answer = this.answers[Math.min(this.requests.length, this.answers.length - 1)];
    this.requests.push(request);
    if (answer === undefined)
      throw new GenerationError(
        'connection',
        'The fake transport has no answer; give it one: new FakeTransport(aChatStream("Once")).',
      );
    monitor.onSocket(false);
    if (GenerationError.is(answer)) throw answer;
    monitor.onConnect();
    const { status = 200, headers = {} } = answer;
    monitor.onHeaders(status);
    return { status, headers: new Headers(headers), body: bodyOf(answer, signal) };
  }

  close(): void {
    this.isClosed = true;
  }
}

async function* bodyOf({ body = [], stalls = false }: FakeAnswer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const piece of body) {
    if (signal.aborted) throw new AbortError();
    if (typeof piece !== 'string') throw piece;
    yield new TextEncoder().encode(piece);
  }
  if (stalls && !signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  if (signal.aborted) throw new AbortError();
}

/** A whole, good answer in the protocol of chat completions: a stream of these pieces of text. */
export function aChatStream(...texts: readonly string[]): FakeAnswer & { readonly body: readonly string[] } {
  const event = (data: object): string => `data: ${JSON.stringify({ id: 'gen-fake', model: 'a/model', ...data })}\n\n`;
  const delta = (content: string, finish_reason: string | null): object => ({
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason }],
  });
  const usage = { prompt_tokens: 7, completion_tokens: texts.length, total_tokens: 7 + texts.length, cost: 0.001 };
  return {
    headers: { 'content-type': 'text/event-stream' },
    body: [
      ...texts.map((text) => event(delta(text, null))),
      event({ ...delta('', 'stop'), usage }),
      'data: [DONE]\n\n',
    ],
  };
}
