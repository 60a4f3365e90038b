import { afterEach, describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { AttemptMonitor, WireResponse } from 'scriptorium/plugin';
import { eventually } from '../support/eventually.js';
import { failureOf } from '../support/pipelines.js';
import { scriptServer } from '../support/script-server.js';
import type { ScriptServer, Step } from '../support/script-server.js';
import { aTransportOf, transportName } from '../support/transports.js';
import { chunk, head, SSE_HEAD, whole } from '../support/wire.js';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function aServer(...scripts: readonly (readonly Step[])[]): Promise<ScriptServer> {
  const server = await scriptServer(...scripts);
  ends.push(() => server.close());
  return server;
}

function aTransport() {
  const transport = aTransportOf();
  const heard: string[] = [];
  const monitor: AttemptMonitor = {
    onSocket: (reused) => heard.push(reused ? 'kept socket' : 'new socket'),
    onConnect: () => heard.push('connected'),
    onHeaders: (status) => heard.push(`headers ${status}`),
    onBytes: () => heard.push('bytes'),
    onContent: () => heard.push('content'),
  };
  ends.push(() => transport.close?.());
  const open = (
    url: string,
    headers: Record<string, string> = {},
    signal = new AbortController().signal,
  ): Promise<WireResponse> => transport.open({ method: 'POST', url, headers, body: '{"a":"é"}' }, signal, monitor);
  return { open, heard, close: () => transport.close?.() };
}

async function textOf({ body }: WireResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const OK: readonly Step[] = [{ request: true }, { write: whole('fine', ['x-generation-id: gen-1']) }];

describe(`the transport ${transportName}`, () => {
  it('sends method, path, headers and body, and asks for an answer that is not compressed', async () => {
    const server = await aServer(OK);
    await textOf(
      await aTransport().open(`${server.url}/chat`, { authorization: 'Bearer k', 'content-type': 'application/json' }),
    );
    const [lines, body] = server.requests[0]!.split('\r\n\r\n');
    expect(lines!.toLowerCase().split('\r\n')).toEqual(
      expect.arrayContaining([
        'post /api/v1/chat http/1.1',
        'authorization: bearer k',
        'content-type: application/json',
        'accept-encoding: identity',
        'content-length: 10',
        'connection: keep-alive',
      ]),
    );
    expect(body).toBe('{"a":"é"}');
  });

  it('leaves the encoding to a request that asks for one', async () => {
    const server = await aServer(OK);
    await textOf(await aTransport().open(server.url, { 'accept-encoding': 'gzip' }));
    expect(server.requests[0]!.toLowerCase()).toContain('accept-encoding: gzip\r\n');
  });

  it('gives status, headers and bytes, and tells the monitor of socket, connection and headers in this order', async () => {
    const server = await aServer(OK);
    const { open, heard } = aTransport();
    for (let call = 0; call < 2; call += 1) {
      const response = await open(server.url);
      expect({
        status: response.status,
        id: response.headers.get('X-Generation-Id'),
        text: await textOf(response),
      }).toEqual({ status: 200, id: 'gen-1', text: 'fine' });
    }
    expect(heard).toEqual(['new socket', 'connected', 'headers 200', 'kept socket', 'connected', 'headers 200']);
  });

  it('tells of a secure connection only once it is secure', async () => {
    const server = await aServer([{ stall: true }]);
    const { open, heard } = aTransport();
    const controller = new AbortController();
    const opening = open(`https://127.0.0.1:${server.port}`, {}, controller.signal).catch((error: unknown) => error);
    await eventually(() => server.connections === 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(heard).toEqual(['new socket']);
    controller.abort();
    expect(GenerationError.is(await opening)).toBe(true);
  });

  it('calls a server that speaks no TLS a TLS failure, which is not tried again', async () => {
    const server = await aServer([{ write: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, { fin: true }]);
    expect(await failureOf(aTransport().open(`https://127.0.0.1:${server.port}`))).toMatchObject({
      code: 'tls',
      retryable: false,
    });
  });

  it.each([
    ['garbage for a status line', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', { code: 'protocol', retryable: true, retryLimit: 1 }],
    ['headers beyond 16 KB', head('200 OK', [`x-long: ${'x'.repeat(20_000)}`]), { code: 'protocol', retryable: false }],
  ])('calls %s a breach of the protocol', async (_, answer, expected) => {
    const server = await aServer([{ request: true }, { write: answer }, { stall: true }]);
    expect(await failureOf(aTransport().open(server.url))).toMatchObject(expected);
  });

  it('says of a refused connection that the request was never sent', async () => {
    const server = await aServer(OK);
    await server.close();
    expect(await failureOf(aTransport().open(server.url))).toMatchObject({
      code: 'connection',
      retryable: true,
      neverSent: true,
    });
  });

  it('does not say so of a new connection that is reset', async () => {
    const server = await aServer([{ request: true }, { rst: true }]);
    const failure = await failureOf(aTransport().open(server.url));
    expect(failure).toMatchObject({ code: 'connection', retryable: true });
    expect(failure.neverSent).toBeUndefined();
  });

  it('closes the socket of an answer that is aborted before anybody reads it, and nothing escapes', async () => {
    const server = await aServer([{ request: true }, { write: SSE_HEAD + chunk('data: x\n\n') }, { stall: true }]);
    const controller = new AbortController();
    const response = await aTransport().open(server.url, {}, controller.signal);
    controller.abort();
    await eventually(() => server.openSockets() === 0);
    await expect(textOf(response)).rejects.toThrow('abort');
  });

  it('opens nothing for a signal that is already aborted', async () => {
    const server = await aServer(OK);
    expect(await failureOf(aTransport().open(server.url, {}, AbortSignal.abort()))).toMatchObject({ code: 'aborted' });
    expect(server.connections).toBe(0);
  });

  it('closes kept and busy connections', async () => {
    const server = await aServer(OK, [{ request: true }, { stall: true }]);
    const { open, close } = aTransport();
    await textOf(await open(server.url));
    const waiting = open(server.url).catch((error: unknown) => error);
    await eventually(() => server.requests.length === 2);
    close();
    expect(await waiting).toMatchObject({ code: 'connection' });
    await eventually(() => server.openSockets() === 0);
  });
});
