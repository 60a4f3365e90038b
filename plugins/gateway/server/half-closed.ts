import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { RunningAnswers } from './running-answers.js';

/**
 * The pauses between the questions whether a client is still there, in milliseconds; the last one repeats. The answer of a
 * client that has gone takes one way over the network, and the next write notices it.
 */
const ASK_AFTER_MS: readonly number[] = [2, 20, 200, 1_000, 15_000];

/** A server of Node's, which has this switch, though its types do not. */
interface HalfOpenServer extends Server {
  httpAllowHalfOpen?: boolean;
}

/**
 * Answers clients that close their sending side after the request, as `nc -N` does. A client that has gone closes it as well,
 * so while an answer has not begun the connection is asked, by interim answers (100 Continue, which clients skip): that of
 * a client that has gone is reset. Once an answer has begun, or over HTTP/1.0, a closed sending side is a client that has gone.
 */
export function answerHalfClosed(server: Server, { running, clock }: HalfClosedParts): void {
  (server as HalfOpenServer).httpAllowHalfOpen = true;
  server.on('connection', (socket) => {
    socket.on('end', () => {
      const answers = running.on(socket);
      if (answers.length === 0) return;
      if (answers.every(mayWait)) askUntilBegun(socket, answers, clock);
      else socket.end();
    });
  });
}

/** The parts that half-closed connections need. */
export interface HalfClosedParts {
  readonly running: RunningAnswers;
  readonly clock: Clock;
}

function mayWait({ req, headersSent }: ServerResponse): boolean {
  return !headersSent && req.complete && req.httpVersionMinor >= 1;
}

function askUntilBegun(socket: Socket, answers: readonly ServerResponse[], clock: Clock): void {
  let cancel: Cancel = () => undefined;
  const ask = (round: number): void => {
    const answer = answers.find(({ writableEnded, socket: own }) => !writableEnded && own !== null);
    if (socket.destroyed || answer === undefined || answer.headersSent) return;
    answer.writeContinue();
    cancel = clock.setTimer(ASK_AFTER_MS[Math.min(round, ASK_AFTER_MS.length - 1)] ?? 0, () => ask(round + 1));
  };
  socket.once('close', () => cancel());
  ask(0);
}
