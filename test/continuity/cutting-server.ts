import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BEHAVIOURS } from '../../src/emulator/behaviours.js';
import type { BehaviourName } from '../../src/emulator/behaviours.js';
import { delta, DONE, finish } from '../support/wire.js';

/** A vendor whose models all write the same text, and break off the first answer to each prompt `Cut at N.` after N characters; none where N is 0. */
export interface CuttingServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Body {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** @param whole the text; a model `vendor/NAME` goes on as the emulator's behaviour of that name does */
export async function cuttingServer(whole: string): Promise<CuttingServer> {
  const begun = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { model, messages } = JSON.parse(await textOf(incoming)) as Body;
    const prompt = messages[0]!.content;
    const cut = Number(/\d+/.exec(prompt)![0]);
    const given = messages.find(({ role }) => role === 'assistant')?.content;
    const isFirst = cut > 0 && !begun.has(`${model} ${prompt}`);
    begun.add(`${model} ${prompt}`);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (isFirst) {
      // The socket closes in the middle of the body, after all that was written.
      response.write(inPieces(whole.slice(0, cut)), () => response.socket?.destroySoon());
      return;
    }
    response.end(inPieces(given === undefined ? whole : answerTo(model, given)) + finish() + DONE);
  }

  function answerTo(model: string, given: string): string {
    const at = given.length;
    if (at >= whole.length) return '';
    return BEHAVIOURS[model.slice(model.indexOf('/') + 1) as BehaviourName]({ whole, at, otherwise: (start) => start });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Three deltas: one of half the text, one character, the rest. */
function inPieces(text: string): string {
  const half = Array.from(text).length >> 1;
  const characters = Array.from(text);
  return [characters.slice(0, half), characters.slice(half, half + 1), characters.slice(half + 1)]
    .map((piece) => piece.join(''))
    .filter((piece) => piece !== '')
    .map(delta)
    .join('');
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
