import type { Socket } from 'node:net';
import { GenerationError } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import { rawRefusal } from './raw-refusal.js';
import type { RunningAnswers } from './running-answers.js';

/** The time for a client to read why its request was refused, in milliseconds. */
const LINGER_MS = 2_000;

/** Makes a handler that answers requests which Node cannot read: wrong HTTP, too many headers, too slow. */
export function answerClientErrors({ running, clock }: { readonly running: RunningAnswers; readonly clock: Clock }) {
  const refused = new WeakSet<Socket>();
  return (error: Error & { readonly code?: string | undefined }, socket: Socket): void => {
    if (refused.has(socket)) return;
    refused.add(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || running.isAnswering(socket)) {
      socket.destroy();
      return;
    }
    // A connection that is closed at once, with bytes unread, would be reset, and the client would not see the answer.
    const cancel = clock.setTimer(LINGER_MS, () => socket.destroy());
    socket.once('close', cancel);
    socket.end(rawRefusal(unreadableRequest(error.code), clock.now()));
  };
}

function unreadableRequest(code: string | undefined): GenerationError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GenerationError('invalid-input', 'The headers are too large. Send fewer or shorter ones.', {
        status: 431,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GenerationError('invalid-input', 'The request did not arrive in time. Send it again.', {
        status: 408,
      });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new GenerationError('invalid-input', 'The extensions of the chunks are too large. Send none.', {
        status: 413,
      });
    default:
      return new GenerationError('invalid-input', 'The request is not valid HTTP/1.1.', { status: 400 });
  }
}
