import assert from 'node:assert/strict';
import { textOf, until } from './transport-scene.js';
import type { TransportScene } from './transport-scene.js';
import { answer, chunkOf, CHUNKED_HEAD, LAST_CHUNK } from './wire-server.js';
import type { Play } from './wire-server.js';

/** A promise as a sentence, and what proves it. */
export type TransportCase = readonly [string, (scene: TransportScene) => Promise<void>];

const SILENT: Play = () => undefined;
const HALF: Play = (socket) => socket.write(CHUNKED_HEAD + chunkOf('half'));
/** More than the buffers of any machine hold. */
const FLOOD_BYTES = 256 * 1024 * 1024;
const PIECE = chunkOf('x'.repeat(64 * 1024));

export const REQUESTS: readonly TransportCase[] = [
  [
    'goes out as it is given',
    async ({ serve, open }) => {
      const server = await serve(answer('fine'));
      await textOf(await open(`${server.url}/a/b?c=d`, { headers: { 'x-own': 'yes' }, body: '{"a":"é"}' }));
      const [{ head, body } = { head: '', body: '' }] = server.requests;
      assert.match(head, /^POST \/a\/b\?c=d HTTP\/1\.1\r\n/);
      assert.match(head, /^x-own: yes\r?$/im);
      assert.equal(body, '{"a":"é"}');
    },
  ],
  [
    'may have no body',
    async ({ serve, open }) => {
      const server = await serve(answer('fine'));
      assert.equal(await textOf(await open(server.url, { method: 'GET' })), 'fine');
      assert.match(server.requests[0]?.head ?? '', /^GET \//);
    },
  ],
  [
    'is answered by status, headers and bytes, whatever the status',
    async ({ serve, open }) => {
      const server = await serve(answer('no', { status: '503 Service Unavailable', headers: ['X-Own: a'] }));
      const response = await open(server.url);
      const { status, headers } = response;
      assert.deepEqual(
        { status, own: headers.get('x-OWN'), none: headers.get('x-none'), text: await textOf(response) },
        { status: 503, own: 'a', none: null, text: 'no' },
      );
    },
  ],
  [
    'is never sent on to where a redirect points',
    async ({ serve, open }) => {
      const other = await serve(answer('taken'));
      const server = await serve(
        answer('', { status: '307 Temporary Redirect', headers: [`location: ${other.url}/`] }),
      );
      const { status, headers } = await open(server.url);
      assert.deepEqual(
        { status, location: headers.get('location'), elsewhere: other.connections, requests: server.requests.length },
        { status: 307, location: `${other.url}/`, elsewhere: 0, requests: 1 },
      );
    },
  ],
  [
    'is told of by its socket, its connection and its headers, in this order',
    async ({ serve, open, heard }) => {
      const server = await serve(answer('fine'));
      await textOf(await open(server.url));
      assert.deepEqual(heard, ['new socket', 'connected', 'headers 200']);
      await textOf(await open(server.url));
      assert.deepEqual(heard.slice(3), [
        server.connections === 1 ? 'kept socket' : 'new socket',
        'connected',
        'headers 200',
      ]);
    },
  ],
  [
    'is not called connected before its connection is secure',
    async ({ serve, open, heard }) => {
      const server = await serve(SILENT);
      const controller = new AbortController();
      const opening = open(`https://127.0.0.1:${server.port}`, { signal: controller.signal }).catch(
        (error: unknown) => error,
      );
      await until(() => server.connections === 1, 'the connection is made');
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(heard, ['new socket']);
      controller.abort();
      await opening;
    },
  ],
  [
    'gets the bytes of its answer as they come',
    async ({ serve, open }) => {
      let goOn = (): void => undefined;
      const server = await serve((socket) => {
        socket.write(CHUNKED_HEAD + chunkOf('first'));
        goOn = () => void socket.write(chunkOf('second') + LAST_CHUNK);
      });
      const pieces: string[] = [];
      for await (const piece of (await open(server.url)).body) {
        pieces.push(Buffer.from(piece).toString());
        goOn();
      }
      assert.deepEqual(pieces, ['first', 'second']);
    },
  ],
  [
    'whose answer nobody reads holds the server back',
    async ({ serve, open }) => {
      let taken = 0;
      const server = await serve((socket) => {
        const more = (): void => {
          while (taken < FLOOD_BYTES && socket.write(PIECE)) taken += PIECE.length;
        };
        socket.on('drain', more).write(CHUNKED_HEAD);
        more();
      });
      const controller = new AbortController();
      await open(server.url, { signal: controller.signal });
      for (let before = -1; before < taken;) {
        before = taken;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      controller.abort();
      assert.ok(taken < FLOOD_BYTES, `The transport took ${taken} bytes that nobody read`);
    },
  ],
];

/** Aborts once the server has seen so much, and wants the socket closed: here in the same tick, and there too. */
async function closesAtOnce(
  { serve, open, sockets }: TransportScene,
  {
    play,
    isSecure = false,
    isOpened = false,
  }: { readonly play: Play; readonly isSecure?: boolean; readonly isOpened?: boolean },
): Promise<void> {
  const server = await serve(play);
  const controller = new AbortController();
  const opening = open(isSecure ? `https://127.0.0.1:${server.port}` : server.url, { signal: controller.signal });
  const failed = opening
    .then(
      (response) => (isOpened ? textOf(response) : 'opened'),
      () => 'failed',
    )
    .catch(() => 'failed');
  await until(() => (isSecure ? server.connections : server.requests.length) === 1, 'the server hears of it');
  if (isOpened) await opening;
  controller.abort();
  assert.deepEqual(
    sockets.map(({ destroyed }) => destroyed),
    sockets.map(() => true),
    'the socket is destroyed in the same tick',
  );
  assert.equal(await failed, 'failed');
  await until(() => server.openSockets() === 0, 'the server sees the connection closed');
}

export const ABORTING: readonly TransportCase[] = [
  [
    'before it began opens nothing',
    async ({ serve, failureOf }) => {
      const server = await serve(answer('fine'));
      assert.equal((await failureOf(server.url, { signal: AbortSignal.abort() })).code, 'aborted');
      assert.equal(server.connections, 0);
    },
  ],
  [
    'while the connection is made secure closes it at once',
    (scene) => closesAtOnce(scene, { play: SILENT, isSecure: true }),
  ],
  ['while the answer is awaited closes the socket at once', (scene) => closesAtOnce(scene, { play: SILENT })],
  [
    'while the body is read closes the socket at once, and the body fails',
    (scene) => closesAtOnce(scene, { play: HALF, isOpened: true }),
  ],
  [
    'an answer that nobody reads closes its socket',
    async ({ serve, open }) => {
      const server = await serve(HALF);
      const controller = new AbortController();
      const response = await open(server.url, { signal: controller.signal });
      controller.abort();
      await until(() => server.openSockets() === 0, 'the server sees the connection closed');
      await assert.rejects(textOf(response));
    },
  ],
  [
    'is not needed where the reader leaves',
    async ({ serve, open }) => {
      const server = await serve(HALF);
      for await (const piece of (await open(server.url)).body) {
        assert.equal(Buffer.from(piece).toString(), 'half');
        break;
      }
      await until(() => server.openSockets() === 0, 'the server sees the connection closed');
    },
  ],
];
