import type { Socket } from 'node:net';

/** How a proxy answered `CONNECT`. */
export type ConnectAnswer =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'closed' }
  | { readonly type: 'error'; readonly error: Error };

/** Node's own client takes no longer heads either. */
const LONGEST_HEAD = 16_384;
const HEAD_END = '\r\n\r\n';

/**
 * Reads the head of a proxy's answer to `CONNECT`, and calls back once. Bytes behind the head stay in the socket. An answer
 * that is not HTTP has an error with a code of Node's HTTP parser.
 */
export function readConnectAnswer(socket: Socket, report: (answer: ConnectAnswer) => void): void {
  let received = Buffer.alloc(0);
  const finish = (answer: ConnectAnswer): void => {
    socket.off('readable', read).off('close', close).off('error', fail);
    report(answer);
  };
  const close = (): void => finish({ type: 'closed' });
  const fail = (error: Error): void => finish({ type: 'error', error });
  const read = (): void => {
    for (let chunk = piece(socket); chunk !== null; chunk = piece(socket)) {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf(HEAD_END);
      if (end < 0 && received.length <= LONGEST_HEAD) continue;
      const status = end < 0 ? undefined : statusIn(received.toString('latin1', 0, end));
      if (status === undefined) {
        fail(notHttp());
        return;
      }
      const rest = received.subarray(end + HEAD_END.length);
      if (rest.length > 0) socket.unshift(rest);
      finish({ type: 'status', status });
      return;
    }
    // A server that speaks another protocol may wait for this client in turn.
    if (received.length > 0 && !'HTTP/1.'.startsWith(received.toString('latin1', 0, 7))) fail(notHttp());
  };
  socket.on('readable', read).once('close', close).once('error', fail);
}

function piece(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null;
}

function statusIn(head: string): number | undefined {
  const [, status] = /^HTTP\/1\.[01] ([2-5]\d\d)(?: |\r|$)/.exec(head) ?? [];
  return status === undefined ? undefined : Number(status);
}

function notHttp(): Error {
  return Object.assign(new Error('its answer to CONNECT is not valid HTTP'), { code: 'HPE_INVALID_CONSTANT' });
}
