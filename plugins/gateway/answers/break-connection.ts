import type { ServerResponse } from 'node:http';

/**
 * Closes the connection of an answer so that no client takes the answer for whole: without the last chunk, or with a reset
 * where the end of the connection is the end of the answer.
 */
export function breakConnection({ socket, chunkedEncoding }: ServerResponse): void {
  if (socket === null) return;
  if (chunkedEncoding) {
    socket.destroy();
    return;
  }
  try {
    socket.resetAndDestroy();
  } catch {
    // Only TCP has resets. TLS reports a close without its own farewell as an error; a Unix socket has no such sign.
    socket.destroy();
  }
}
