import { gzipSync } from 'node:zlib';
import * as library from 'undici';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from 'scriptorium';
import { toGenerationError } from 'scriptorium/plugin';
import type { Transport, WireResponse } from 'scriptorium/plugin';
import { undici } from 'scriptorium/plugins/undici';
import { startEmulator } from 'scriptorium/testing';
import { loadUndici } from '../../../plugins/undici/load-undici.js';
import { undiciTransport } from '../../../plugins/undici/undici-transport.js';
import { SILENT_MONITOR } from '../../../src/core/monitor.js';
import { eventually } from '../../support/eventually.js';
import { failureOf, pipelineTo } from '../../support/pipelines.js';
import { scriptServer } from '../../support/script-server.js';
import type { ScriptServer, Step } from '../../support/script-server.js';
import { aTransportOf } from '../../support/transports.js';
import type { TransportName } from '../../support/transports.js';
import { chunk, head, SSE_HEAD, whole } from '../../support/wire.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function aServer(...scripts: readonly (readonly Step[])[]): Promise<ScriptServer> {
  const server = await scriptServer(...scripts);
  ends.push(() => server.close());
  return server;
}

function kept(transport: Transport): Transport {
  ends.push(() => transport.close?.());
  return transport;
}

const open = (transport: Transport, url: string, monitor = SILENT_MONITOR): Promise<WireResponse> =>
  transport.open({ method: 'POST', url, headers: {}, body: '{}' }, new AbortController().signal, monitor);

/** What a reader gets of a body, and how it ends. */
async function read({ body }: WireResponse): Promise<{ readonly text: string; readonly code?: string }> {
  let text = '';
  try {
    for await (const piece of body) text += Buffer.from(piece).toString();
    return { text };
  } catch (error) {
    return { text, code: toGenerationError(error).code };
  }
}

const OK: readonly Step[] = [{ request: true }, { write: whole('fine') }];
const EACH: readonly TransportName[] = ['node-fetch', 'undici'];

describe('the plugin undici', () => {
  it.each(EACH)('leaves it to the configuration to choose (%s)', async (transport) => {
    const emulator = await startEmulator({ words: 5 });
    ends.push(() => emulator.close());
    const plugins = process.env.TRANSPORT === 'undici' ? [] : [undici()];
    const pipeline = await pipelineTo(emulator.url, { transport }, { plugins });
    ends.push(() => pipeline.dispose());
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
    expect(emulator.requests[0]!.headers['user-agent']).toBe(transport);
  });

  it('says what to install where undici is missing, and hides no other failure', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const failure = await failureOf(loadUndici(() => Promise.reject(missing)));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain('npm i undici@7');
    const other = new Error('broken');
    await expect(loadUndici(() => Promise.reject(other))).rejects.toBe(other);
  });
});

describe("a connection of undici's", () => {
  it('that the server closed while it was idle is not used again, and the monitor hears the truth', async () => {
    const server = await aServer([...OK, { fin: true }], OK);
    const heard: boolean[] = [];
    const transport = kept(aTransportOf('undici'));
    for (let call = 0; call < 2; call += 1) {
      expect(
        await read(await open(transport, server.url, { ...SILENT_MONITOR, onSocket: (reused) => heard.push(reused) })),
      ).toEqual({ text: 'fine' });
      await eventually(() => call === 1 || server.openSockets() === 0);
    }
    expect({ heard, connections: server.connections }).toEqual({ heard: [false, false], connections: 2 });
  });

  it('is closed when it has been idle for keepAliveMs, and not before', async () => {
    const server = await aServer(OK);
    const transport = kept(undiciTransport(library, { keepAliveMs: 100 }));
    await read(await open(transport, server.url));
    await read(await open(transport, server.url));
    expect(server.connections).toBe(1);
    await eventually(() => server.openSockets() === 0);
  });

  it('serves one request at a time', async () => {
    const server = await aServer(OK);
    const transport = kept(aTransportOf('undici'));
    const both = await Promise.all([open(transport, server.url), open(transport, server.url)]);
    expect(await Promise.all(both.map(read))).toEqual([{ text: 'fine' }, { text: 'fine' }]);
    await read(await open(transport, server.url));
    expect(server.connections).toBe(2);
  });

  it('is closed where the answer says so', async () => {
    const server = await aServer([{ request: true }, { write: whole('fine', ['connection: close']) }]);
    const transport = kept(aTransportOf('undici'));
    for (let call = 0; call < 2; call += 1)
      expect(await read(await open(transport, server.url))).toEqual({ text: 'fine' });
    expect(server.connections).toBe(2);
    await eventually(() => server.openSockets() === 0);
  });
});

describe('an answer over undici', () => {
  it.each([
    ['in chunks', `${head('200 OK', ['connection: close', 'transfer-encoding: chunked'])}9\r\nhalf`],
    ['with a length', `${head('200 OK', ['connection: close', 'content-length: 9'])}half`],
  ])(
    'that ends too early on a connection that is not to be kept is a failure of the connection (%s)',
    async (_, begun) => {
      const server = await aServer([{ request: true }, { write: begun }, { wait: 10 }, { fin: true }]);
      expect(await read(await open(kept(aTransportOf('undici')), server.url))).toEqual({
        text: 'half',
        code: 'connection',
      });
    },
  );

  it('whose headers cannot be read beside a Content-Length is a breach of the protocol', async () => {
    const lines = head('200 OK', ['content-length: 5', 'bad\x01: x']);
    const server = await aServer([{ request: true }, { write: lines }, { stall: true }]);
    expect(await failureOf(open(kept(aTransportOf('undici')), server.url))).toMatchObject({
      code: 'protocol',
      retryable: true,
      retryLimit: 1,
    });
  });

  it('joins headers of one name, and knows none that nobody sent', async () => {
    const server = await aServer([{ request: true }, { write: whole('fine', ['x-a: 1', 'X-A: 2']) }]);
    const { headers } = await open(kept(aTransportOf('undici')), server.url);
    expect([headers.get('X-a'), headers.get('constructor'), headers.get('__proto__')]).toEqual(['1, 2', null, null]);
  });

  it('that an unknown coding makes unreadable closes its connection', async () => {
    const server = await aServer([
      { request: true },
      { write: head('200 OK', ['content-encoding: zstd', 'content-length: 5']) },
      { stall: true },
    ]);
    expect(await failureOf(open(kept(aTransportOf('undici')), server.url))).toMatchObject({
      code: 'protocol',
      retryable: false,
    });
    await eventually(() => server.openSockets() === 0);
  });
});

describe('where the two HTTP clients differ', () => {
  it.each(EACH)('what came before a reset, and nobody had read yet, is kept by undici alone (%s)', async (name) => {
    const server = await aServer([
      { request: true },
      { write: SSE_HEAD + chunk('one ') },
      { wait: 10 },
      { write: chunk('two ') },
      { wait: 20 },
      { rst: true },
    ]);
    const response = await open(kept(aTransportOf(name)), server.url);
    await eventually(() => server.openSockets() === 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await read(response)).toEqual({ text: { 'node-fetch': '', undici: 'one two ' }[name], code: 'connection' });
  });

  it.each(EACH)(
    'a gzip body without its end is a failure to undici, and just ends for node-fetch (%s)',
    async (name) => {
      const bytes = gzipSync('Once upon a time.').subarray(0, -8);
      const server = await aServer([
        { request: true },
        { write: head('200 OK', ['content-encoding: gzip', `content-length: ${bytes.length}`]) },
        { write: bytes },
      ]);
      const ending = await read(await open(kept(aTransportOf(name)), server.url));
      expect(ending).toEqual(
        { 'node-fetch': { text: 'Once upon a time.' }, undici: { text: 'Once upon a time.', code: 'truncated' } }[name],
      );
    },
  );
});
