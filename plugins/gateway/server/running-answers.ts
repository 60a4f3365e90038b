import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from 'scriptorium/plugin';

/** The answers of a server that have begun and not ended. Those to POST are its work. */
export class RunningAnswers {
  private readonly answers = new Set<ServerResponse>();
  private work = 0;
  private stopping = false;
  private onIdle: (() => void) | undefined;

  /** Whether the server takes no new work. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** The number of answers to POST. */
  get workCount(): number {
    return this.work;
  }

  /** Follows an answer to its end. */
  add(answer: ServerResponse): void {
    const isWork = answer.req.method === 'POST';
    this.answers.add(answer);
    if (isWork) this.work += 1;
    answer.once('close', () => {
      this.answers.delete(answer);
      if (!isWork) return;
      this.work -= 1;
      if (this.work === 0) this.onIdle?.();
    });
  }

  /** Whether a request on this socket has arrived, or its answer has begun: nothing else may be written there. */
  isAnswering(socket: Socket): boolean {
    return this.on(socket).some(({ req, headersSent }) => req.complete || headersSent);
  }

  /** The answers on a socket, in the order of their requests. */
  on(socket: Socket): readonly ServerResponse[] {
    return [...this.answers].filter(({ req }) => req.socket === socket);
  }

  /** Takes no new work from now on, and waits for the end of the work that runs, up to `ms`. */
  stop(ms: number, clock: Clock): Promise<void> {
    this.stopping = true;
    if (this.work === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.setTimer(ms, resolve);
      this.onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}
