import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { scriptServer } from '../../../support/script-server.js';
import type { Step } from '../../../support/script-server.js';
import { chunk, delta, DONE, finish, LAST_CHUNK, SSE_HEAD } from '../../../support/wire.js';
import { ask, textOfAnswer, textOfChunks, chunksOf } from './ask.js';
import { aGateway, closing } from './gateway-scene.js';
import type { GatewayScene } from './gateway-scene.js';
import { aPost, rawClient } from './raw-client.js';

const REQUEST = { model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] };
const STREAM = { ...REQUEST, stream: true };
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, cost: 0.0003 };

/** A vendor that writes its end when it may; its client has left by then. */
async function aSceneLeft(policy: object, body: object, path: string) {
  const state = { mayEnd: false };
  const script: readonly Step[] = [
    { request: true },
    { write: SSE_HEAD },
    { write: chunk(delta('The sea ')) },
    { when: () => state.mayEnd },
    { write: chunk(delta('is wide.') + finish('stop', USAGE) + DONE) + LAST_CHUNK },
  ];
  const vendor = closing(await scriptServer(script));
  const scene = await aGateway(vendor.url, { policy: { reattachMs: 900_000, ...policy } });
  const client = await rawClient(scene.port);
  client.send(aPost(body, { path }));
  await eventually(() => vendor.requests.length === 1);
  client.socket.destroy();
  await eventually(async () => (await connectionsOf(scene)) === 0);
  return { ...scene, vendor, state };
}

function connectionsOf({ app }: GatewayScene): Promise<number> {
  return new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
}

async function ended({ pipeline }: GatewayScene): Promise<void> {
  await eventually(() => pipeline.stats().requests === 1);
}

describe('a client that comes back', () => {
  it.each([
    { body: STREAM, path: '/v1/chat/completions' },
    { body: REQUEST, path: '/v1/chat/completions' },
    { body: { prompt: 'Begin.' }, path: '/generate' },
  ])('gets the answer that spent the last of its budget: $path, $body', async ({ body, path }) => {
    const scene = await aSceneLeft({ budget: { totalUsd: 0.0001 } }, body, path);
    scene.state.mayEnd = true;
    await ended(scene);
    // The account is settled by now: another request is refused.
    await eventually(async () => (await ask(scene.port, { ...REQUEST, temperature: 1 })).status === 402);
    const again = await ask(scene.port, body, { path });
    expect({ status: again.status, text: textOf(again.body) }).toEqual({ status: 200, text: 'The sea is wide.' });
    expect(scene.vendor.requests).toHaveLength(1);
  });

  it('gets its running generation, whose place and money it does not need a second time', async () => {
    const policy = { limits: { concurrency: 1, requestsPerMinute: 1 }, budget: { totalUsd: 1 }, maxWaitMs: 0 };
    const scene = await aSceneLeft(policy, STREAM, '/v1/chat/completions');
    const client = await rawClient(scene.port);
    client.send(aPost(STREAM));
    await client.until((text) => text.includes('The sea '));
    scene.state.mayEnd = true;
    expect(await client.until((text) => text.endsWith(LAST_CHUNK))).toContain('is wide.');
    expect(scene.vendor.requests).toHaveLength(1);
    client.socket.destroy();
  });
});

function textOf(body: string): string {
  if (!body.startsWith('{')) return textOfChunks(chunksOf(body));
  const { content } = JSON.parse(body) as { readonly content?: string };
  return content ?? textOfAnswer(body).content;
}
