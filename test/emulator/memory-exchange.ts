import { ConnectionGone } from '../../src/emulator/exchange.js';
import type { AnswerHeaders, Ending, Exchange } from '../../src/emulator/exchange.js';
import type { Host } from '../../src/emulator/host.js';

/** An exchange in memory, with what a client sees of it. */
export interface MemoryExchange extends Exchange {
  readonly status: number | undefined;
  readonly headers: AnswerHeaders;
  readonly text: string;
  /** What was written, and when it was, in milliseconds of the host. */
  readonly writes: readonly { readonly at: number; readonly text: string }[];
  /** Ends the exchange from outside: the client leaves, or the server is shut down. */
  over(ending: Ending): void;
}

/** An exchange whose writes arrive at once. */
export function memoryExchange(host: Host): MemoryExchange {
  const controller = new AbortController();
  const { signal } = controller;
  const writes: { at: number; text: string }[] = [];
  const seen: { status?: number; headers: AnswerHeaders; ending?: Ending } = { headers: {} };
  const over = (ending: Ending) => {
    seen.ending ??= ending;
    controller.abort(new ConnectionGone());
  };
  const gone = new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(new ConnectionGone())),
  );
  gone.catch(() => undefined);
  const write = (text: string) => {
    if (signal.aborted) return Promise.reject(new ConnectionGone());
    writes.push({ at: host.monotonic(), text });
    return Promise.resolve();
  };
  return {
    signal,
    get ending() {
      return seen.ending;
    },
    get isOpen() {
      return seen.status !== undefined;
    },
    get status() {
      return seen.status;
    },
    get headers() {
      return seen.headers;
    },
    get text() {
      return writes.map(({ text }) => text).join('');
    },
    writes,
    open: (status, headers) => Object.assign(seen, { status, headers }),
    write,
    end: (text = '') => write(text).then(() => over('sent')),
    hangUp: () => over('lost'),
    reset: () => over('lost'),
    pause: (ms) =>
      ms <= 0
        ? Promise.resolve()
        : host.pause(ms, signal).catch(() => {
            throw new ConnectionGone();
          }),
    untilGone: () => gone,
    over,
  };
}
