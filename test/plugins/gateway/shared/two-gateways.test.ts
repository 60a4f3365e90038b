import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import fastify from 'fastify';
import * as ioredis from 'ioredis';
import type { AddressInfo } from 'node:net';
import { tokens } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { StateStore } from 'scriptorium/plugin';
import { createGateway } from 'scriptorium/plugins/gateway';
import { redis } from 'scriptorium/plugins/redis';
import { eventually } from '../../../support/eventually.js';
import { pipelineTo } from '../../../support/pipelines.js';
import { scriptServer } from '../../../support/script-server.js';
import type { ScriptServer, Step } from '../../../support/script-server.js';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { chunk, delta, DONE, finish, LAST_CHUNK, SSE_HEAD } from '../../../support/wire.js';
import { ask, chunksOf, textOfChunks } from '../answers/ask.js';
import { aPost, rawClient } from '../answers/raw-client.js';

const BODY = { model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }], stream: true };
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, cost: 0.0003 };
const KEY = { 'idempotency-key': 'chapter-1' };

describeWith(['redis-server'], 'two gateways on one Redis', () => {
  let server: RedisServer;
  let client: ioredis.Redis;
  let vendor: ScriptServer;
  let mayEnd = false;
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    server = await startRedis();
    client = new ioredis.Redis(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await server.remove();
  });
  beforeEach(async () => {
    await client.flushall();
    mayEnd = false;
    const script: readonly Step[] = [
      { request: true },
      { write: SSE_HEAD },
      { write: chunk(delta('The sea ')) },
      { when: () => mayEnd },
      { write: chunk(delta('is wide.') + finish('stop', USAGE) + DONE) + LAST_CHUNK },
    ];
    vendor = await scriptServer(script);
    open.push(() => vendor.close());
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  /** A gateway of its own process, as far as Redis can tell. */
  async function aGateway(): Promise<number> {
    let shared: () => StateStore | undefined = () => undefined;
    const capture = definePlugin({
      name: 'capture',
      apiVersion: 1,
      setup: (host) => void (shared = host.replacement(tokens.STATE_STORE)),
    });
    const pipeline = await pipelineTo(vendor.url, {}, { plugins: [redis({ url: server.url }), capture] });
    open.push(() => pipeline.dispose());
    const app = fastify({ forceCloseConnections: true });
    await app.register(createGateway(pipeline, { policy: { reattachMs: 900_000 }, shared: shared() }));
    await app.listen({ port: 0, host: '127.0.0.1' });
    open.push(() => app.close());
    return (app.server.address() as AddressInfo).port;
  }

  const statusOf = async (port: number, headers = {}) => {
    const { status, headers: got } = await ask(port, BODY, { headers });
    return { status, retryAfter: got['retry-after'] };
  };

  it('write one answer to one Idempotency-Key: the other answers 409 and says when to come again', async () => {
    const [a, b] = [await aGateway(), await aGateway()];
    const first = ask(a, BODY, { headers: KEY });
    await eventually(() => vendor.requests.length === 1);
    expect(await statusOf(b, KEY)).toEqual({ status: 409, retryAfter: expect.stringMatching(/^[1-9]$/) });
    expect(await statusOf(a, KEY)).toEqual({ status: 409, retryAfter: expect.stringMatching(/^[1-9]$/) });
    mayEnd = true;
    expect(textOfChunks(chunksOf((await first).body))).toBe('The sea is wide.');
    expect(vendor.requests).toHaveLength(1);
  });

  it.each([
    ['with a key', KEY],
    ['without a key', {}],
  ])('give a client that comes back its whole answer, at either of them, once: %s', async (_title, headers) => {
    const [a, b] = [await aGateway(), await aGateway()];
    const left = await rawClient(a);
    left.send(aPost(BODY, { headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`) }));
    await left.until((text) => text.includes('The sea '));
    left.socket.destroy();
    await eventually(async () => (await client.keys('*gateway/call*')).length === 1);
    await eventually(async () => (await statusOf(b, headers)).status === 409);
    mayEnd = true;
    await eventually(async () => (await client.keys('*gateway/answer/*')).length === 1);
    const { status, body } = await ask(b, BODY, { headers });
    expect({ status, text: textOfChunks(chunksOf(body)), requests: vendor.requests.length }).toEqual({
      status: 200,
      text: 'The sea is wide.',
      requests: 1,
    });
  });

  it('refuse another body with the same Idempotency-Key at either of them', async () => {
    const [a, b] = [await aGateway(), await aGateway()];
    const first = ask(a, BODY, { headers: KEY });
    await eventually(() => vendor.requests.length === 1);
    const { status } = await ask(b, { ...BODY, temperature: 1 }, { headers: KEY });
    mayEnd = true;
    await first;
    expect({ status, requests: vendor.requests.length }).toEqual({ status: 422, requests: 1 });
  });

  it('answer the same request twice where no key says that it is one', async () => {
    const [a, b] = [await aGateway(), await aGateway()];
    mayEnd = true;
    const answers = await Promise.all([ask(a, BODY), ask(b, BODY)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(vendor.requests).toHaveLength(2);
  });
});
