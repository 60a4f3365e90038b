import type { ServerResponse } from 'node:http';
import type { Clock } from 'scriptorium/plugin';

/** Time for the client to read the last bytes: libuv and others take a reset that arrives together with bytes for a clean end. */
const RESET_AFTER_MS = 100;

/**
 * Closes the connection of an answer so that no client takes the answer for whole: without the last chunk, or with a reset
 * where the end of the connection is the end of the answer.
 */
export function breakConnection({ socket, chunkedEncoding }: ServerResponse, clock: Clock): void {
  if (socket === null) return;
  if (chunkedEncoding) {
    socket.destroy();
    return;
  }
  const cancel = clock.setTimer(RESET_AFTER_MS, () => {
    try {
      socket.resetAndDestroy();
    } catch {
      // Only TCP has resets. TLS reports a close without its own farewell as an error; a Unix socket has no such sign.
      socket.destroy();
    }
  });
  socket.once('close', cancel);
}
