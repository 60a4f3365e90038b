import { monitorAfter } from 'scriptorium/plugin';
import type { Clock, Logger, Redact, Transport, WireRequest, WireResponse } from 'scriptorium/plugin';
import { writeCassette } from './cassette-file.js';
import type { Exchange } from './exchange.js';
import { Take } from './take.js';

export interface RecorderParts {
  readonly file: string;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly logger: Logger;
}

/** How long the last answers of a pipeline may take to end, once it is being closed. */
const LAST_WORDS_MS = 3_000;

/**
 * Writes down what goes through a transport, and changes nothing of it. The file is written anew whenever an exchange has
 * ended, with all that have ended by then; what was there before is replaced with the first one.
 */
export class Recorder {
  /** In the order in which they began. */
  private entries: readonly (Take | Exchange)[] = [];
  private writing = Promise.resolve();
  private isBehind = false;
  private failure: Error | undefined;

  constructor(private readonly parts: RecorderParts) {}

  /** The same transport, overheard. */
  around(inner: Transport): Transport {
    return {
      open: async (request, signal, monitor) => {
        // Nothing will be sent.
        if (signal.aborted) return inner.open(request, signal, monitor);
        const take = this.begin(request, signal);
        try {
          const response = await inner.open(request, signal, monitorAfter(monitor, take.monitor));
          take.answered(response);
          return { status: response.status, headers: response.headers, body: overheard(response.body, take) };
        } catch (error) {
          take.failed(error);
          throw error;
        }
      },
      // Before the sockets are closed under those who read: that would look like a failure of the server's.
      close: () => this.underWay().forEach((take) => take.left()),
    };
  }

  /** When all that is under way has ended, or after three seconds. */
  async settled(): Promise<void> {
    let cancel = (): void => undefined;
    const timeUp = new Promise<void>((resolve) => {
      cancel = this.parts.clock.setTimer(LAST_WORDS_MS, resolve);
    });
    await Promise.race([timeUp, Promise.all(this.underWay().map((take) => take.ended))]).finally(cancel);
  }

  /** All is in the file. @throws what kept it from being written */
  async close(): Promise<void> {
    if (this.underWay().length > 0) this.save();
    await this.writing;
    if (this.failure !== undefined) throw this.failure;
  }

  private begin(request: WireRequest, signal: AbortSignal): Take {
    const take = new Take(request, signal, this.parts.clock);
    this.entries = [...this.entries, take];
    void take.ended.then(() => this.save());
    return take;
  }

  /** One write at a time; those that have become needless meanwhile are left out. */
  private save(): void {
    this.isBehind = true;
    this.writing = this.writing.then(() => this.catchUp());
  }

  private async catchUp(): Promise<void> {
    if (!this.isBehind) return;
    this.isBehind = false;
    const { file, logger, redact } = this.parts;
    try {
      this.entries = this.entries.map((entry) => (entry instanceof Take ? (entry.exchange(redact) ?? entry) : entry));
      await writeCassette(file, { cassette: 1, exchanges: this.entries.filter((entry) => !(entry instanceof Take)) });
      this.failure = undefined;
    } catch (cause) {
      this.failure = new Error(`The cassette ${file} was not written: ${String(cause)}`, { cause });
      logger.error(this.failure.message);
    }
  }

  private underWay(): readonly Take[] {
    return this.entries.filter((entry) => entry instanceof Take);
  }
}

function overheard(body: WireResponse['body'], take: Take): WireResponse['body'] {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = body[Symbol.asyncIterator]();
      return {
        next: async () => {
          try {
            const result = await iterator.next();
            if (result.done === true) take.isOver();
            else take.came(result.value);
            return result;
          } catch (error) {
            take.failed(error);
            throw error;
          }
        },
        ...(iterator.return !== undefined && {
          return: (value?: unknown) => {
            take.left();
            return iterator.return?.(value) ?? Promise.resolve({ done: true, value });
          },
        }),
      };
    },
  };
}
