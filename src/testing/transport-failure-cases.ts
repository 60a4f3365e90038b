import assert from 'node:assert/strict';
import { toGenerationError } from '../core/errors/classify.js';
import type { TransportCase } from './transport-cases.js';
import { textOf, until } from './transport-scene.js';
import type { TransportScene } from './transport-scene.js';
import { answer, chunkOf, CHUNKED_HEAD } from './wire-server.js';
import type { Play } from './wire-server.js';

const RESET: Play = (socket) => socket.resetAndDestroy();
const CLOSE: Play = (socket) => socket.end();

/** The beginning is read before the connection breaks, since a reset would discard it. */
const begun =
  (text: string, end: Play): Play =>
  (socket) =>
    socket.write(text, () => setTimeout(end, 20, socket));

/** The failure of a second request, after a first one that went well, and whether it went out on the same connection. */
async function secondFailure(
  { serve, open, failureOf, heard }: TransportScene,
  play: Play,
): Promise<{ readonly code: string; readonly neverSent: boolean; readonly wasKept: boolean }> {
  const server = await serve(answer('fine'), play);
  await textOf(await open(server.url));
  const { code, neverSent = false } = await failureOf(server.url);
  const wasKept = server.connections === 1;
  assert.equal(heard.includes('kept socket'), wasKept);
  return { code, neverSent, wasKept };
}

/** A body that breaks off must say so to its reader, and never just end. */
async function breaksOff({ serve, open }: TransportScene, play: Play): Promise<void> {
  const server = await serve(play);
  const error = await textOf(await open(server.url)).then(
    (text) => assert.fail(`It ended, with "${text}"`),
    (reason: unknown) => toGenerationError(reason),
  );
  assert.deepEqual({ code: error.code, retryable: error.retryable }, { code: 'connection', retryable: true });
}

export const FAILURES: readonly TransportCase[] = [
  [
    'to connect says that nothing was sent',
    async ({ serve, failureOf }) => {
      const server = await serve(answer('fine'));
      await server.close();
      const { code, retryable, neverSent } = await failureOf(server.url);
      assert.deepEqual({ code, retryable, neverSent }, { code: 'connection', retryable: true, neverSent: true });
    },
  ],
  ...(['reset', 'closed'] as const).map((how): TransportCase => [
    `of a new connection that is ${how} does not say so`,
    async ({ serve, failureOf }) => {
      const server = await serve(how === 'reset' ? RESET : CLOSE);
      const { code, retryable, neverSent } = await failureOf(server.url);
      assert.deepEqual({ code, retryable, neverSent }, { code: 'connection', retryable: true, neverSent: undefined });
    },
  ]),
  [
    'of a connection that served before and brought nothing back says that nothing was sent',
    async (scene) => {
      const { code, neverSent, wasKept } = await secondFailure(scene, RESET);
      assert.deepEqual({ code, neverSent }, { code: 'connection', neverSent: wasKept });
    },
  ],
  [
    'of a connection that served before does not say so if the answer had begun',
    async (scene) => {
      const { code, neverSent } = await secondFailure(scene, begun('HTTP/1.1 200', RESET));
      assert.deepEqual({ code, neverSent }, { code: 'connection', neverSent: false });
    },
  ],
  [
    "to speak HTTP is the server's, and known as such",
    async ({ serve, failureOf }) => {
      const server = await serve((socket) => socket.write('SSH-2.0-Server\r\n\r\n'));
      assert.equal((await failureOf(server.url)).code, 'protocol');
    },
  ],
  ...(
    [
      [
        'a switch to another protocol',
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n',
      ],
      ['a 101 without headers', 'HTTP/1.1 101 Switching Protocols\r\n'],
    ] as const
  ).map(([what, head]): TransportCase => [
    `of ${what} comes at once, as an answer that makes no sense, and closes the connection`,
    async ({ serve, failureOf }) => {
      const server = await serve((socket) => socket.write(`${head}\r\n`));
      const { code, retryable, retryLimit, message } = await failureOf(server.url);
      assert.deepEqual({ code, retryable, retryLimit }, { code: 'malformed-answer', retryable: true, retryLimit: 1 });
      assert.match(message, /101/);
      await until(() => server.openSockets() === 0, 'the transport closes the connection');
    },
  ]),
  [
    'of a connection that brings only an interim answer is an answer that makes no sense',
    async ({ serve, failureOf }) => {
      const server = await serve(begun('HTTP/1.1 103 Early Hints\r\n\r\n', CLOSE));
      const { code, retryLimit, message } = await failureOf(server.url);
      assert.deepEqual({ code, retryLimit }, { code: 'malformed-answer', retryLimit: 1 });
      assert.match(message, /103/);
    },
  ],
  [
    'of a body in chunks, closed too early, is no end',
    (scene) => breaksOff(scene, begun(CHUNKED_HEAD + chunkOf('half'), CLOSE)),
  ],
  ['of a body in chunks, reset, is no end', (scene) => breaksOff(scene, begun(CHUNKED_HEAD + chunkOf('half'), RESET))],
  [
    'of a body that is shorter than its length is no end',
    (scene) => breaksOff(scene, begun('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', CLOSE)),
  ],
];

export const CONNECTIONS: readonly TransportCase[] = [
  [
    'that speaks between two answers does not serve again',
    async ({ serve, open }) => {
      const server = await serve((socket) => {
        answer('fine')(socket);
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong'), 20);
      }, answer('right'));
      assert.equal(await textOf(await open(server.url)), 'fine');
      await until(() => server.openSockets() === 0, 'the transport closes the connection');
      assert.equal(await textOf(await open(server.url)), 'right');
    },
  ],
  [
    'that is kept for later does not keep the process alive',
    async ({ serve, open }) => {
      const busy = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
      const before = busy();
      const server = await serve(answer('fine'));
      await textOf(await open(server.url));
      await until(() => busy() <= before, 'no socket counts for the event loop');
    },
  ],
  [
    'is closed with the transport, in use or not',
    async ({ serve, open, failureOf, transport }) => {
      assert.ok(transport.close !== undefined, 'a transport that holds connections has to have a way to close them');
      const server = await serve(answer('fine'), () => undefined);
      await textOf(await open(server.url));
      const waiting = Promise.all([failureOf(server.url), failureOf(server.url)]);
      await until(() => server.requests.length === 3, 'both requests arrive');
      transport.close();
      assert.deepEqual(
        (await waiting).map(({ code }) => code),
        ['connection', 'connection'],
      );
      await until(() => server.openSockets() === 0, 'the server sees all connections closed');
    },
  ],
];
