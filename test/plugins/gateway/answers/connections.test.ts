import { describe, expect, it } from '@jest/globals';
import type { Server } from 'node:net';
import { ManualClock } from 'scriptorium/testing';
import { eventually } from '../../../support/eventually.js';
import { scriptServer } from '../../../support/script-server.js';
import type { Step } from '../../../support/script-server.js';
import {
  answers,
  chunk,
  delta,
  DONE,
  finish,
  goodStream,
  LAST_CHUNK,
  refuses,
  SSE_HEAD,
} from '../../../support/wire.js';
import { ask, chunksOf, textOfAnswer, textOfChunks } from './ask.js';
import { aGateway, closing } from './gateway-scene.js';
import { aPost, rawClient } from './raw-client.js';

const REQUEST = { model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] };
const STREAM = { ...REQUEST, stream: true };
const OPENING: readonly Step[] = [{ request: true }, { write: SSE_HEAD }, { write: chunk(delta('The sea ')) }];
const BREAKS: readonly Step[] = [...OPENING, { rst: true }];
const NO_RESUME = { continuity: { onBreak: 'fail' }, retry: { maxAttempts: 1 } } as const;

describe('the status line', () => {
  it('waits for the first word, and is then followed by comments at their pace', async () => {
    const clock = new ManualClock();
    let goes = false;
    const script: readonly Step[] = [
      { request: true },
      { write: SSE_HEAD },
      { when: () => goes },
      { write: chunk(goodStream('The sea.')) + LAST_CHUNK },
    ];
    const vendor = closing(await scriptServer(script));
    const { port } = await aGateway(vendor.url, { clock, holdHeadersMs: 5_000, keepAliveMs: 15_000 });
    const client = await rawClient(port);
    client.send(aPost(STREAM));
    await eventually(() => vendor.requests.length === 1);
    clock.advance(4_999);
    expect(client.received).toBe('');
    clock.advance(1);
    expect(await client.until((text) => text.includes(': keep-alive'))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    clock.advance(14_999);
    clock.advance(1);
    clock.advance(15_000);
    await client.until((text) => text.split(': keep-alive\n\n').length === 4);
    goes = true;
    const received = await client.until((text) => text.endsWith('0\r\n\r\n'));
    expect(received.split(': keep-alive\n\n')).toHaveLength(4);
    expect(received).toContain('"content":"The sea."');
    await eventually(() => clock.pending === 0);
    client.socket.destroy();
  });

  it('waits for the whole of a JSON answer, however long it takes', async () => {
    const clock = new ManualClock();
    let goes = false;
    const vendor = closing(await scriptServer([...OPENING, { when: () => goes }, ...refusesText()]));
    const { port } = await aGateway(vendor.url, { clock }, NO_RESUME);
    const answer = ask(port, REQUEST);
    await eventually(() => vendor.requests.length === 1);
    expect(clock.pending).toBe(0);
    goes = true;
    expect(await answer).toMatchObject({ status: 502, isComplete: true });
  });

  it('is sent before a JSON answer with white space, where the policy says so', async () => {
    const clock = new ManualClock();
    let goes = false;
    const script = [
      ...OPENING,
      { when: () => goes },
      { write: chunk(delta('is wide.') + finish() + DONE) + LAST_CHUNK },
    ];
    const vendor = closing(await scriptServer(script));
    const { port } = await aGateway(vendor.url, { clock, policy: { keepAliveJson: true } });
    const answer = ask(port, REQUEST);
    await eventually(() => vendor.requests.length === 1 && clock.pending === 1);
    clock.advance(5_000);
    clock.advance(15_000);
    goes = true;
    const { status, body, isComplete } = await answer;
    expect({ status, isComplete, blanks: /^ */.exec(body)?.[0], ...textOfAnswer(body) }).toEqual({
      status: 200,
      isComplete: true,
      blanks: '  ',
      content: 'The sea is wide.',
      finish_reason: 'stop',
    });
  });

  it('of a short JSON answer waits for it under that policy too, so that a failure has its true status', async () => {
    const vendor = closing(await scriptServer(refuses('404 Not Found')));
    const { port } = await aGateway(vendor.url, { clock: new ManualClock(), policy: { keepAliveJson: true } });
    expect(await ask(port, REQUEST)).toMatchObject({ status: 404, isComplete: true });
  });

  function refusesText(): readonly Step[] {
    return [{ rst: true }];
  }
});

describe('a failure after the status line', () => {
  it('is an error chunk, and then the connection breaks without the last chunk', async () => {
    const vendor = closing(await scriptServer(BREAKS));
    const { port } = await aGateway(vendor.url, {}, NO_RESUME);
    const { status, body, isComplete } = await ask(port, STREAM);
    const chunks = chunksOf(body);
    expect({ status, isComplete, text: textOfChunks(chunks), last: chunks.at(-1) }).toMatchObject({
      status: 200,
      isComplete: false,
      text: 'The sea ',
      last: { error: { code: 'interrupted' }, choices: [{ finish_reason: 'error' }] },
    });
    expect(body).not.toContain('[DONE]');
  });

  it('has a whole number as its code in the dialect of OpenRouter', async () => {
    const vendor = closing(await scriptServer(BREAKS));
    const { port } = await aGateway(vendor.url, {}, NO_RESUME);
    const { body, isComplete } = await ask(port, STREAM, { path: '/api/v1/chat/completions' });
    expect({ isComplete, last: chunksOf(body).at(-1) }).toMatchObject({
      isComplete: false,
      last: { error: { code: 502, metadata: { error_type: 'interrupted' } } },
    });
  });

  it('resets the connection of an HTTP/1.0 client, for whom its end is the end of the answer', async () => {
    const vendor = closing(await scriptServer(BREAKS));
    const { port } = await aGateway(vendor.url, {}, NO_RESUME);
    const client = await rawClient(port);
    client.send(aPost(STREAM, { version: '1.0' }));
    expect(await client.ended).toBe('reset');
    expect(client.received).not.toMatch(/transfer-encoding|content-length/i);
  });

  it('is an error object after white space in a kept-alive JSON answer, and the connection breaks', async () => {
    const clock = new ManualClock();
    let goes = false;
    const vendor = closing(await scriptServer([...OPENING, { when: () => goes }, { rst: true }]));
    const { port } = await aGateway(vendor.url, { clock, policy: { keepAliveJson: true } }, NO_RESUME);
    const client = await rawClient(port);
    client.send(aPost(REQUEST));
    await eventually(() => vendor.requests.length === 1 && clock.pending === 1);
    clock.advance(5_000);
    await client.until((text) => text.endsWith('\r\n1\r\n \r\n'));
    goes = true;
    expect(await client.ended).toBe('fin');
    expect(client.received).toContain('{"error":{"message":');
    expect(client.received).not.toContain('\r\n0\r\n\r\n');
  });
});

describe('clients', () => {
  it('of HTTP/1.0 get a whole stream that ends with the connection', async () => {
    const vendor = closing(await scriptServer(answers('The sea.')));
    const { port } = await aGateway(vendor.url);
    const client = await rawClient(port);
    client.send(aPost(STREAM, { version: '1.0' }));
    expect(await client.ended).toBe('fin');
    expect(client.received.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('that pipeline requests get their answers in order', async () => {
    let goes = false;
    const vendor = closing(
      await scriptServer(
        [...OPENING, { when: () => goes }, { write: chunk(finish() + DONE) + LAST_CHUNK }],
        answers('The second.'),
      ),
    );
    const { port } = await aGateway(vendor.url);
    const client = await rawClient(port);
    client.send(aPost(STREAM));
    await client.until((text) => text.includes('The sea '));
    client.send(aPost(REQUEST) + aPost(STREAM));
    await eventually(() => vendor.requests.length === 3);
    expect(client.received).not.toContain('The second.');
    goes = true;
    const received = await client.until((text) => text.split('The second.').length === 3 && text.endsWith('0\r\n\r\n'));
    const places = ['The sea ', '"chat.completion"', 'chat.completion.chunk","created'].map((text) =>
      received.indexOf(text),
    );
    expect(received.split('HTTP/1.1 200 OK')).toHaveLength(4);
    expect(places[0]).toBeLessThan(places[1]!);
    client.socket.destroy();
  });

  it('that pipeline requests and leave cancel all of them', async () => {
    const vendor = closing(await scriptServer([...OPENING, { stall: true }]));
    const { port } = await aGateway(vendor.url);
    const client = await rawClient(port);
    client.send(aPost(STREAM).repeat(12));
    await eventually(() => vendor.openSockets() === 12);
    client.socket.destroy();
    await eventually(() => vendor.openSockets() === 0);
  });

  it.each([
    { when: 'while the vendor is silent', script: [{ request: true }, { stall: true }], seen: '', body: STREAM },
    { when: 'in the middle of a stream', script: [...OPENING, { stall: true }], seen: 'The sea ', body: STREAM },
    { when: 'in the middle of a JSON answer', script: [...OPENING, { stall: true }], seen: '', body: REQUEST },
  ] as const)('that leave $when cancel the request to the vendor', async ({ script, seen, body }) => {
    const vendor = closing(await scriptServer(script));
    const { port } = await aGateway(vendor.url);
    const client = await rawClient(port);
    client.send(aPost(body));
    await eventually(() => vendor.requests.length === 1);
    await client.until((text) => text.includes(seen));
    client.socket.destroy();
    await eventually(() => vendor.openSockets() === 0);
    expect(vendor.requests).toHaveLength(1);
  });

  it('that leave while a retry is waiting cause no further request', async () => {
    const vendor = closing(await scriptServer(refuses('503 Busy', undefined, ['retry-after: 30'])));
    const { port, pipeline } = await aGateway(vendor.url, {}, { retry: { baseMs: 60_000, capMs: 60_000 } });
    let waits = false;
    let ended = false;
    pipeline.generations$.subscribe(({ event }) => {
      waits ||= event.type === 'retry-scheduled';
    });
    const client = await rawClient(port);
    client.send(aPost(STREAM));
    await eventually(() => waits);
    client.socket.destroy();
    await eventually(() => (ended = pipeline.stats().cancelled === 1));
    expect({ ended, requests: vendor.requests.length }).toEqual({ ended: true, requests: 1 });
  });

  it('that leave before their body is whole cause no request', async () => {
    const vendor = closing(await scriptServer(answers('Never.')));
    const { port, app } = await aGateway(vendor.url);
    const client = await rawClient(port);
    client.send(aPost(STREAM).slice(0, -5));
    await eventually(async () => (await connectionsOf(app.server)) === 1);
    client.socket.destroy();
    await eventually(async () => (await connectionsOf(app.server)) === 0);
    expect(vendor.requests).toEqual([]);
  });

  it('that read slowly pause the vendor, and get every character', async () => {
    const piece = 'A long, long sentence about the sea. '.repeat(300);
    const count = 3_000;
    const body = Array.from({ length: count }, (_, index) => chunk(delta(`${index}:${piece}`)));
    const vendor = closing(
      await scriptServer([
        { request: true },
        { write: SSE_HEAD },
        ...body.map((write) => ({ write })),
        { write: chunk(finish() + DONE) + LAST_CHUNK },
      ]),
    );
    const { port, pipeline } = await aGateway(vendor.url);
    let events = 0;
    pipeline.generations$.subscribe(({ event }) => (events += event.type === 'text-delta' ? 1 : 0));
    const client = await rawClient(port);
    client.socket.pause();
    client.send(aPost(STREAM, { headers: ['connection: close'] }));
    await settled(() => events);
    expect(events).toBeLessThan(count);
    client.socket.resume();
    const received = await client.ended.then(() => client.received);
    expect(events).toBe(count);
    expect(received.endsWith('0\r\n\r\n')).toBe(true);
    expect(received.split(/\d+:A long/)).toHaveLength(count + 1);
    client.socket.destroy();
  });
});

/** Resolves once a number has stayed the same for some rounds of reading. */
async function settled(read: () => number): Promise<void> {
  for (let same = 0, last = -1; same < 200;) {
    const now = read();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
