import { createServer, get } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The answer to every request from now on. */
export interface Reply {
  /** 200 by default. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Written byte by byte. */
  readonly isSliced?: boolean;
  /** `end`, the default: properly. `cut`: the connection breaks. `stall`: nothing more comes. `silence`: not even a status. */
  readonly ending?: 'end' | 'cut' | 'stall' | 'silence';
}

/** A server on 127.0.0.1 that answers whatever it is asked as it was told to. */
export interface WireServer {
  readonly url: string;
  /** The bodies of the requests that arrived. */
  readonly requests: readonly string[];
  /** How many clients have left before their answer was over. */
  readonly leavers: number;
  /** Answers are written byte by byte now. */
  readonly isSlicing: boolean;
  answerWith(reply: Reply): void;
  /** When this resolves, whatever was sent before it has arrived. */
  roundTrip(): Promise<void>;
  close(): Promise<void>;
}

const ROUND_TRIP = '/round-trip';

/** Starts a server on a free port of 127.0.0.1. */
export async function startWireServer(): Promise<WireServer> {
  const requests: string[] = [];
  const state = { leavers: 0, reply: {} as Reply };
  const server = createServer((incoming, response) => {
    if (incoming.url === ROUND_TRIP) {
      response.end();
      return;
    }
    response.on('close', () => {
      if (!response.writableFinished) state.leavers += 1;
    });
    void read(incoming)
      .then((body) => {
        requests.push(body);
        return play(response, state.reply);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    get leavers() {
      return state.leavers;
    },
    get isSlicing() {
      return state.reply.isSliced === true;
    },
    answerWith: (reply) => {
      state.reply = reply;
    },
    roundTrip: () => roundTrip(url),
    close: () => close(server),
  };
}

function roundTrip(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url + ROUND_TRIP, { agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function play(
  response: ServerResponse,
  { status = 200, headers = {}, body = '', isSliced = false, ending = 'end' }: Reply,
): Promise<void> {
  if (ending === 'silence') return;
  response.socket?.setNoDelay(true);
  response.writeHead(status, headers);
  response.flushHeaders();
  const bytes = Buffer.from(body);
  const size = isSliced ? 1 : bytes.length;
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    await new Promise<void>((resolve) => void response.write(bytes.subarray(at, at + size), () => resolve()));
  }
  if (ending === 'end') response.end();
  if (ending === 'cut') response.destroy();
}
