import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from '../../src/emulator/emulator.js';
import { eventually } from '../support/eventually.js';
import { anEmulator, closeAll, getJson, post, stream, user } from './client.js';

const messages = [user('Write a chapter about the sea.')];
afterAll(closeAll);

describe('a client that leaves', () => {
  it.each([0, 1000])('stops the generation long before its end, at %d tokens/s', async (tokensPerSecond) => {
    const emulator = await anEmulator({ tokensPerSecond });
    const leave = new AbortController();
    const response = await post(
      emulator,
      { model: 'scriptorium/exact-200000', messages, stream: true },
      { signal: leave.signal },
    );
    await response.body!.getReader().read();
    leave.abort();
    await eventually(() => emulator.requests[0]?.closedAt !== undefined);
    const [request] = emulator.requests;
    expect(request).toMatchObject({ outcome: 'cancelled', usageSent: false, finishReason: undefined });
    expect(emulator.textFor({ model: 'scriptorium/exact-200000', messages }).startsWith(request!.text)).toBe(true);
    expect(request!.usage!.completion_tokens).toBeGreaterThan(0);
    const { text } = request!;
    expect((await getJson(emulator, `/generation?id=${request!.id}`)).body).toMatchObject({
      data: { cancelled: true, total_cost: request!.cost },
    });
    expect(request!.text).toBe(text);
  });

  it('stops a JSON answer that is still being written', async () => {
    const emulator = await anEmulator({ tokensPerSecond: 1 });
    const leave = new AbortController();
    const answer = post(emulator, { messages }, { signal: leave.signal });
    await eventually(() => emulator.requests[0]?.usage !== undefined);
    leave.abort();
    await expect(answer).rejects.toThrow('aborted');
    await eventually(() => emulator.requests[0]?.closedAt !== undefined);
    expect(emulator.requests[0]).toMatchObject({ outcome: 'cancelled', status: undefined, text: '' });
  });

  it('may leave before its body is whole', async () => {
    const emulator = await anEmulator();
    const socket = connect(emulator.port, '127.0.0.1');
    socket.write('POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"mess');
    await eventually(() => emulator.requests.length === 1);
    socket.destroy();
    await eventually(() => emulator.requests[0]?.closedAt !== undefined);
    expect(emulator.requests[0]).toMatchObject({ outcome: 'cancelled', body: undefined, status: undefined });
  });
});

describe('a slow reader', () => {
  it('holds the generation up', async () => {
    const emulator = await anEmulator();
    const socket = connect(emulator.port, '127.0.0.1');
    const body = JSON.stringify({ model: 'scriptorium/exact-200000', messages, stream: true });
    socket.pause();
    socket.write(
      `POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let seen = -1;
    while (emulator.requests[0]?.text.length !== seen) {
      seen = emulator.requests[0]?.text.length ?? -1;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(190_000);
    socket.destroy();
  });
});

describe('the server', () => {
  it('listens on the IPv4 loopback address and nowhere else', async () => {
    const emulator = await anEmulator();
    expect(emulator.url).toBe(`http://127.0.0.1:${emulator.port}/api/v1`);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid);
    const reached = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ port: emulator.port, host, timeout: 500 });
        const end = (connected: boolean) => () => {
          socket.destroy();
          resolve(connected);
        };
        socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
      });
    expect(await reached('127.0.0.1')).toBe(true);
    for (const host of ['::1', '127.0.0.2', ...others.map(({ address }) => address)])
      expect([host, await reached(host)]).toEqual([host, false]);
  });

  it('serves many streams at once', async () => {
    const emulator = await anEmulator();
    const prompts = Array.from({ length: 100 }, (_, index) => [user(`Chapter ${index}`)]);
    const answers = await Promise.all(prompts.map((prompt) => stream(emulator, { messages: prompt })));
    expect(answers.map(({ text }) => text)).toEqual(prompts.map((prompt) => emulator.textFor({ messages: prompt })));
  });

  it('closes at once, in the middle of whatever it does, and leaves nothing open', async () => {
    const handles = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
    const before = handles();
    const emulator = await startEmulator({ tokensPerSecond: 5, keepAliveMs: 20 });
    emulator.script({ stall: 'before-headers' }, { delayMs: 60_000 }, { stall: { afterDeltas: 1 }, keepAlive: true });
    const failures = Array.from({ length: 4 }, () =>
      stream(emulator, { messages }).then(
        ({ failure }) => failure,
        (error: unknown) => error,
      ),
    );
    failures.push(post(emulator, { messages }).catch((error: unknown) => error));
    await eventually(
      () => emulator.requests.length === 5 && emulator.requests.filter(({ model }) => model).length === 5,
    );
    expect(emulator.openSockets()).toBe(5);
    const closing = emulator.close();
    expect(emulator.close()).toBe(closing);
    await closing;
    expect(emulator.openSockets()).toBe(0);
    expect(handles()).toBe(before);
    for (const failure of await Promise.all(failures)) expect(failure).toHaveProperty('message');
    expect(emulator.requests.map(({ outcome }) => outcome)).toEqual(Array(5).fill('faulted'));
    await expect(post(emulator, { messages })).rejects.toThrow('fetch failed');
    const again = await startEmulator({ port: emulator.port });
    expect(again.port).toBe(emulator.port);
    await expect(startEmulator({ port: again.port })).rejects.toThrow('EADDRINUSE');
    await again.close();
  });

  it('refuses options that make no sense', async () => {
    await expect(startEmulator({ words: 0 })).rejects.toThrow('words is 0; expected a number of at least 1');
    await expect(startEmulator({ tokensPerSecond: Number.NaN })).rejects.toThrow(RangeError);
  });
});
