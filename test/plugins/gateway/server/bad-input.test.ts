import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { memoryStateStore } from 'scriptorium';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { eventually } from '../../../support/eventually.js';
import { aSocket, parsed, sent, served } from './served.js';
import type { RawAnswer, Served } from './served.js';

const CHAT = '/v1/chat/completions';
const JSON_TYPE = { 'content-type': 'application/json' };
const MESSAGES = [{ role: 'user', content: 'Begin.' }];

/** The status and the sentence of an answer in the envelope. */
async function refusal(answer: Promise<Response>): Promise<{ readonly status: number; readonly message: string }> {
  const response = await answer;
  const { error } = (await response.json()) as { readonly error: { readonly message: string } };
  return { status: response.status, message: error.message };
}

const post = (url: string, body: string, headers: Readonly<Record<string, string>> = JSON_TYPE) =>
  refusal(fetch(url, { method: 'POST', body, headers }));

/** The sentence in the envelope of an answer from the wire. */
const messageOf = ({ body }: RawAnswer) =>
  (JSON.parse(body) as { readonly error: { readonly message: string } }).error.message;

/** The gateway answers the next request. Nothing has reached the vendor. */
async function servesOn({ url, emulator }: Served): Promise<void> {
  expect(emulator.requests).toEqual([]);
  const answer = await fetch(url + CHAT, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ model: 'scriptorium/exact', messages: MESSAGES }),
  });
  const { choices } = (await answer.json()) as { choices: { finish_reason: string }[] };
  expect({ status: answer.status, end: choices[0]?.finish_reason }).toEqual({ status: 200, end: 'stop' });
}

describe('a body that is not a chat', () => {
  it.each([
    ['invalid JSON', '{"messages":', 'The body is not valid JSON. Send a JSON object.'],
    ['an empty body', '', 'The body is not valid JSON. Send a JSON object.'],
    ['a list', '[]', 'The body must be a JSON object.'],
    ['messages of a wrong type', '{"messages":"Begin."}', 'messages must be a list with at least one message.'],
    [
      'a number for a text',
      '{"messages":[{"role":"user","content":7}]}',
      'messages[0].content must be a text or a list of parts.',
    ],
    [
      'a model that is no text',
      '{"model":7,"messages":[{"role":"user","content":"a"}]}',
      'model and models must be the names of models.',
    ],
  ])('is refused with 400 and a sentence: %s', async (_, body, message) => {
    const scene = await served();
    expect(await post(scene.url + CHAT, body)).toEqual({ status: 400, message });
    await servesOn(scene);
  });

  it('is refused with 400 if a number is negative, and names the field', async () => {
    const scene = await served();
    const { status, message } = await post(scene.url + CHAT, JSON.stringify({ messages: MESSAGES, max_tokens: -1 }));
    expect({ status, message }).toEqual({ status: 400, message: expect.stringMatching(/max_?tokens/i) });
    await servesOn(scene);
  });

  it('is refused with 415 if it is not JSON', async () => {
    const scene = await served();
    const { status } = await post(scene.url + CHAT, 'messages=1', { 'content-type': 'text/plain' });
    expect(status).toBe(415);
    expect(await post(`${scene.url}/v1/models`, '{}')).toEqual({
      status: 405,
      message: '/v1/models takes GET and HEAD, not POST.',
    });
    await servesOn(scene);
  });

  it.each([CHAT, '/generate'])('is refused with 413 if it has 50 MB: %s', async (path) => {
    const scene = await served();
    const answer = await fetch(scene.url + path, { method: 'POST', body: Buffer.alloc(50e6, ' '), headers: JSON_TYPE });
    expect({ status: answer.status, text: await answer.text() }).toEqual({
      status: 413,
      text: expect.stringMatching(/body/i),
    });
    await servesOn(scene);
  });
});

describe('a request that cannot be allowed', () => {
  it('gets 403 for a model that its policy does not allow', async () => {
    const scene = await served({ policy: { models: ['scriptorium/*'] } });
    const body = JSON.stringify({ model: 'nobody/knows-it', messages: MESSAGES });
    expect(await post(scene.url + CHAT, body)).toEqual({
      status: 403,
      message: expect.stringContaining('"nobody/knows-it"'),
    });
    await servesOn(scene);
  });

  it('gets 401 for a wrong key, before its body is read', async () => {
    const keys = memoryStateStore();
    await keyStore(keys).add({ name: 'ada', now: 0 });
    const scene = await served({ keys });
    const wrong = { ...JSON_TYPE, authorization: 'Bearer sk-scr-wrong' };
    for (const path of [CHAT, '/generate?prompt=Begin.', '/v1/models', '/api/v1/key', '/openapi.json'])
      expect({
        path,
        status: (await fetch(scene.url + path, { method: /chat|generate/.test(path) ? 'POST' : 'GET', headers: wrong }))
          .status,
      }).toEqual({ path, status: 401 });
    expect((await fetch(`${scene.url}/healthz`)).status).toBe(200);
    expect(scene.emulator.requests).toEqual([]);
  });

  it('gets 404 for an unknown path, 405 with the methods for a known one, and 400 for a path that is not a URL', async () => {
    const scene = await served();
    expect(await refusal(fetch(`${scene.url}/v2/chat`))).toEqual({
      status: 404,
      message: 'The gateway has no path "/v2/chat".',
    });
    const answer = await fetch(`${scene.url}/v1/models`, { method: 'DELETE' });
    expect({ status: answer.status, allow: answer.headers.get('allow') }).toEqual({ status: 405, allow: 'GET, HEAD' });
    expect(await refusal(fetch(`${scene.url}/%zz`))).toEqual({
      status: 400,
      message: 'The path is not a valid URL. Percent-encode it.',
    });
    await servesOn(scene);
  });

  it('gets 403 if it asks for a host that is not the gateway, or comes from a page of one', async () => {
    const scene = await served();
    const wrong = await sent(scene.port, 'GET /healthz HTTP/1.1\r\nhost: evil.example:1\r\nconnection: close\r\n\r\n');
    expect({ status: wrong.status, message: messageOf(wrong) }).toEqual({
      status: 403,
      message:
        'The host "evil.example:1" is not a name of this gateway. If it is yours, start the gateway with --allow-host evil.example.',
    });
    const absolute = 'GET http://evil.example/healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n';
    expect((await sent(scene.port, absolute)).status).toBe(403);
    const page = await fetch(`${scene.url}/generate?prompt=Begin.`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    });
    expect(page.status).toBe(403);
    await servesOn(scene);
  });
});

describe('a request that is not HTTP as it should be', () => {
  it('gets 431 for too many headers, in the envelope', async () => {
    const scene = await served();
    const bomb = `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-bomb: ${'x'.repeat(1_000_000)}\r\n\r\n`;
    const answer = await sent(scene.port, bomb);
    expect({ status: answer.status, message: messageOf(answer) }).toEqual({
      status: 431,
      message: 'The headers are too large. Send fewer or shorter ones.',
    });
    await servesOn(scene);
  });

  it('gets 400 for another protocol, and for HTTP/1.1 without a host', async () => {
    const scene = await served();
    const answer = await sent(scene.port, 'HELO example.com\r\n\r\n');
    expect({ status: answer.status, message: messageOf(answer) }).toEqual({
      status: 400,
      message: 'The request is not valid HTTP/1.1.',
    });
    const without = await sent(scene.port, 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n');
    expect({ status: without.status, message: messageOf(without) }).toEqual({
      status: 400,
      message: 'The header "host" is missing, which HTTP/1.1 requires. Send it.',
    });
    await servesOn(scene);
  });

  it('gets 417 for another expectation than 100-continue, and 405 for CONNECT, in the envelope', async () => {
    const scene = await served();
    const expecting = (what: string) =>
      `POST /generate?prompt=Begin. HTTP/1.1\r\nhost: 127.0.0.1\r\nexpect: ${what}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
    const refused = await sent(scene.port, expecting('a-miracle'));
    const connect = await sent(scene.port, 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
    expect([refused, connect].map((answer) => ({ status: answer.status, message: messageOf(answer) }))).toEqual([
      {
        status: 417,
        message: 'The header "expect: a-miracle" is not supported. Leave it out, or send "expect: 100-continue".',
      },
      { status: 405, message: 'The gateway is not a proxy. Send requests for its own paths.' },
    ]);
    expect(scene.emulator.requests).toEqual([]);
    const { head, body } = await sent(scene.port, expecting('100-continue'));
    expect({ head, isAnswered: body.startsWith('HTTP/1.1 200') }).toEqual({
      head: 'HTTP/1.1 100 Continue',
      isAnswered: true,
    });
  });

  it('gets 408 if its headers trickle in, or its body', async () => {
    const scene = await served({ headersTimeoutMs: 20, requestTimeoutMs: 1_000 });
    const slowHeaders = await sent(scene.port, 'POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a:');
    expect({ status: slowHeaders.status, message: messageOf(slowHeaders) }).toEqual({
      status: 408,
      message: 'The request did not arrive in time. Send it again.',
    });
    const slowBody = await sent(
      scene.port,
      'POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    expect(slowBody.status).toBe(408);
    await servesOn(scene);
  });

  it('does not disturb an answer on its own connection: the connection is closed', async () => {
    const scene = await served({ emulator: { words: 2_000, tokensPerSecond: 200 } });
    const { socket, received } = aSocket(scene.port);
    const body = JSON.stringify({ messages: MESSAGES, stream: true });
    socket.write(
      `POST ${CHAT} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually(() => received().includes('"content":"'));
    socket.write('NONSENSE\r\n\r\n');
    await once(socket, 'close');
    expect(received()).not.toContain('400 Bad Request');
    expect(received()).not.toContain('[DONE]');
  });
});

describe('an unusual request that is right', () => {
  it('is answered over HTTP/1.0, and the connection is closed', async () => {
    const scene = await served();
    const { status, head, body } = await sent(scene.port, 'GET /healthz HTTP/1.0\r\n\r\n');
    expect({ status, body, isClosed: /connection: close/i.test(head) }).toEqual({
      status: 200,
      body: '{"status":"ok"}',
      isClosed: true,
    });
  });

  it('is answered if its client has closed its half of the connection', async () => {
    const { port } = await served();
    const { socket, received } = aSocket(port);
    socket.end('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    await once(socket, 'close');
    expect(parsed(received())).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });

  it.each([
    ['a whole answer', false],
    ['a stream', true],
  ])(
    'is answered if its client has closed its half of the connection while the vendor writes: %s',
    async (_, stream) => {
      let goes = (): void => undefined;
      const until = new Promise<void>((resolve) => (goes = resolve));
      const { port, emulator } = await served({ until: () => until });
      const { socket, received } = aSocket(port);
      const body = JSON.stringify({ messages: MESSAGES, stream });
      socket.end(
        `POST ${CHAT} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      // The gateway asks more than once whether the client is there.
      await eventually(() => received().split('100 Continue').length > 3);
      goes();
      await once(socket, 'close');
      const answer = received().slice(received().indexOf('HTTP/1.1 200'));
      expect({ status: parsed(answer).status, requests: emulator.requests.length }).toEqual({
        status: 200,
        requests: 1,
      });
      expect(answer).toMatch(stream ? /data: \[DONE\]\s+0\s+$/ : /"finish_reason":"stop"/);
    },
  );

  it.each([
    ['before its answer has begun', false],
    ['in the middle of a stream', true],
  ])('is cancelled if its client goes, which closes its half of the connection as well: %s', async (_, stream) => {
    const { port, emulator } = await served({ emulator: { words: 5_000, tokensPerSecond: 50 } });
    const { socket, received } = aSocket(port);
    const body = JSON.stringify({ messages: MESSAGES, stream });
    socket.write(
      `POST ${CHAT} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually(() => (stream ? received().includes('"content":"') : (emulator.requests[0]?.text ?? '') !== ''));
    socket.destroy();
    await eventually(() => emulator.requests[0]?.outcome === 'cancelled');
    expect(emulator.requests).toHaveLength(1);
  });

  it('is answered in its order if it is pipelined', async () => {
    const { port } = await served();
    const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${more}\r\n`;
    const { socket, received } = aSocket(port);
    socket.write(ask('/healthz') + ask('/nope') + ask('/readyz', 'connection: close\r\n'));
    await once(socket, 'close');
    expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
  });

  it('is answered if its target is an absolute URL of the gateway', async () => {
    const { port } = await served();
    const target = `GET http://localhost:${port}/healthz HTTP/1.1\r\nhost: localhost:${port}\r\nconnection: close\r\n\r\n`;
    expect(await sent(port, target)).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });
});
