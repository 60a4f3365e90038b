import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pipeline } from 'scriptorium';
import { eventually } from '../support/eventually.js';
import { pipelineTo } from '../support/pipelines.js';
import { delta, DONE, finish } from '../support/wire.js';
import { aStage } from './an-emulator.js';

const PROMPT = { prompt: 'Begin.' };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Writes as much as the client takes, up to so many events of 1 KB. */
async function generousServer(
  events: number,
): Promise<{ readonly url: string; readonly written: () => number; readonly server: Server }> {
  let written = 0;
  const batch = delta('x'.repeat(1_024)).repeat(32);
  const server = createServer((_request, response) => {
    void (async () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let sent = 0; sent < events && !response.destroyed; sent += 32) {
        const hasRoom = response.write(batch);
        written += batch.length;
        if (!hasRoom) await once(response, 'drain').catch(() => undefined);
      }
      response.end(finish() + DONE);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`, written: () => written, server };
}

async function aPipeline(url: string, idleMs = 60_000): Promise<Pipeline> {
  const pipeline = await pipelineTo(url, { timeouts: { idleMs, contentIdleMs: idleMs } });
  closing.push(() => pipeline.dispose());
  return pipeline;
}

const standsStill = async (value: () => number, forMs: number): Promise<number> => {
  let since = performance.now();
  let last = value();
  await eventually(() => {
    if (value() !== last) [last, since] = [value(), performance.now()];
    return last > 0 && performance.now() - since > forMs;
  });
  return last;
};

describe('iterate', () => {
  it('sends nothing before the first step', async () => {
    const { pipeline, emulator } = await aStage();
    const events = pipeline.iterate(PROMPT);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([emulator.requests.length, pipeline.stats().requests]).toEqual([0, 0]);
    expect((await events.next()).value).toMatchObject({ type: 'attempt-start' });
    await events.return();
    expect(pipeline.stats()).toMatchObject({ requests: 1, cancelled: 1 });
  });

  it.each(['break', 'throw'])('closes the socket when the loop is left by %s', async (means) => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => ({ stall: { afterDeltas: 2 } }) } });
    const read = async (): Promise<void> => {
      for await (const event of pipeline.iterate(PROMPT)) {
        if (event.type !== 'text-delta') continue;
        if (means === 'throw') throw new Error('enough');
        break;
      }
    };
    await read().catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'enough' });
    });
    await eventually(() => emulator.openSockets() === 0);
    expect(pipeline.stats()).toMatchObject({ requests: 1, cancelled: 1 });
  });

  it('ends at once by return() while a step is waiting for the server', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => ({ stall: 'before-headers' }) } });
    const events = pipeline.iterate(PROMPT);
    await events.next();
    const waiting = events.next();
    await eventually(() => emulator.requests.length === 1);
    expect(await events.return()).toEqual({ value: undefined, done: true });
    expect(await waiting).toEqual({ value: undefined, done: true });
    await eventually(() => emulator.openSockets() === 0);
  });

  it('fails after everything that came before the failure, and is done from then on', async () => {
    const { pipeline } = await aStage({ emulator: { fault: () => ({ errorChunk: { afterDeltas: 2 } }) } });
    const events = pipeline.iterate(PROMPT);
    let text = '';
    await expect(
      (async () => {
        for await (const event of events) if (event.type === 'text-delta') text += event.delta;
      })(),
    ).rejects.toMatchObject({ code: 'interrupted', partial: {} });
    expect(text).not.toBe('');
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  it('pauses the socket of a slow reader, and brings every word in the end', async () => {
    const total = 32_768;
    const { url, written } = await generousServer(total);
    const pipeline = await aPipeline(url);
    let characters = 0;
    let isSlow = true;
    for await (const event of pipeline.iterate(PROMPT)) {
      if (event.type !== 'text-delta') continue;
      characters += event.delta.length;
      if (isSlow) expect(await standsStill(written, 150)).toBeLessThan(24 * 1024 * 1024);
      isSlow = false;
    }
    expect(characters).toBe(total * 1_024);
    expect(written()).toBeGreaterThan(32 * 1024 * 1024);
  });

  it("does not take a reader's slowness for the server's silence", async () => {
    const total = 16_384;
    const { url } = await generousServer(total);
    const pipeline = await aPipeline(url, 100);
    let events = 0;
    for await (const event of pipeline.iterate(PROMPT)) {
      if (event.type !== 'text-delta') continue;
      events += 1;
      if (events === 1) await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(events).toBe(total);
  });
});
