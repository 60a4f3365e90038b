import { afterEach, describe, expect, it } from '@jest/globals';
import { Secret } from 'scriptorium';
import type { GenerationInfo } from 'scriptorium';
import { startEmulator } from 'scriptorium/testing';
import { systemClock } from '../../../src/core/clock.js';
import { SILENT_MONITOR } from '../../../src/core/monitor.js';
import { fetchTransport } from '../../../src/transport/fetch-transport.js';
import { fetchGeneration } from '../../../plugins/openrouter/generation.js';
import { failureOf } from '../../support/pipelines.js';
import { scriptServer } from '../../support/script-server.js';
import type { Step } from '../../support/script-server.js';
import { refuses, whole } from '../../support/wire.js';
import type { Connection } from '../../../src/core/provider.js';
import { questionConnection } from '../../../src/core/question-connection.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function ask(baseUrl: string, id: string): Promise<GenerationInfo | undefined> {
  const transport = fetchTransport();
  ends.push(() => transport.close?.());
  const endpoint = {
    id: 'openrouter',
    baseUrl,
    apiKey: new Secret('sk-test'),
    siteUrl: 'http://localhost',
    siteTitle: 'Test',
    prefill: null,
    remedies: {},
  };
  const open: Connection['open'] = (wire, signal) => transport.open(wire, signal, SILENT_MONITOR);
  return fetchGeneration(endpoint, id, questionConnection(open, systemClock));
}

/** Asks a server that plays this script. */
async function answerTo(script: readonly Step[], id = 'gen-1') {
  const server = await scriptServer(script);
  ends.push(() => server.close());
  const told = ask(server.url, id);
  const usage = told.then((generation) => generation?.usage);
  usage.catch(() => undefined); // a test may look at the one or the other
  return { told, usage, server };
}

const record = (data: unknown): readonly Step[] => [{ request: true }, { write: whole(JSON.stringify({ data })) }];

describe('fetchGeneration', () => {
  it('asks for the generation by its id, with the key, and with no body', async () => {
    const { usage, server } = await answerTo(record({ tokens_prompt: 1, tokens_completion: 2 }), 'gen 1/&x=2');
    await usage;
    expect(server.requests[0]).toMatch(/^GET \/api\/v1\/generation\?id=gen%201%2F%26x%3D2 HTTP\/1\.1\r\n/);
    expect(server.requests[0]).toMatch(/authorization: Bearer sk-test/i);
    expect(server.requests[0]!.endsWith('\r\n\r\n')).toBe(true);
  });

  it('takes the native counts, which are the ones that are billed', async () => {
    const { usage } = await answerTo(
      record({
        tokens_prompt: 1,
        tokens_completion: 2,
        native_tokens_prompt: 10,
        native_tokens_completion: 20,
        native_tokens_cached: 3,
        native_tokens_reasoning: 4,
        total_cost: 0.25,
      }),
    );
    expect(await usage).toEqual({
      inputTokens: 10,
      outputTokens: 20,
      cachedInputTokens: 3,
      reasoningTokens: 4,
      costUsd: 0.25,
      source: 'reported',
    });
  });

  it('makes do with the others where there are no native ones, and leaves out what is not told', async () => {
    const { usage } = await answerTo(
      record({ tokens_prompt: 1, tokens_completion: 2, native_tokens_prompt: null, total_cost: 0 }),
    );
    expect(await usage).toEqual({ inputTokens: 1, outputTokens: 2, costUsd: 0, source: 'reported' });
  });

  it.each<[string, readonly Step[]]>([
    ['404', refuses('404 Not Found')],
    ['no record', record(null)],
    ['something else', [{ request: true }, { write: whole('[1]') }]],
  ])('knows nothing yet where the answer is %s', async (_what, script) => {
    expect(await (await answerTo(script)).told).toBeUndefined();
  });

  it.each<[string, readonly Step[]]>([
    ['no counts', record({ total_cost: 0.1 })],
    ['counts that are none', record({ tokens_prompt: '1', tokens_completion: {} })],
  ])('knows no usage where the record has %s', async (_what, script) => {
    const { told, usage } = await answerTo(script);
    expect([(await told)?.id, await usage]).toEqual(['gen-1', undefined]);
  });

  it.each<[string, readonly Step[], string]>([
    ['401', refuses('401 Unauthorized'), 'authentication'],
    ['503', refuses('503 Service Unavailable'), 'overloaded'],
    ['no JSON', [{ request: true }, { write: whole('<html>') }], 'unexpected-content'],
  ])('fails with what it was told: %s', async (_what, script, code) => {
    expect((await failureOf((await answerTo(script)).told)).code).toBe(code);
  });

  it('reads what the emulator has written down', async () => {
    const emulator = await startEmulator();
    ends.push(() => emulator.close());
    expect(await ask(emulator.url, 'gen-unknown')).toBeUndefined();
    await (
      await fetch(`${emulator.url}/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Begin.' }] }),
        headers: { authorization: 'Bearer k' },
      })
    ).text();
    const { id, usage, cost } = emulator.requests[0]!;
    expect((await ask(emulator.url, id))?.usage).toMatchObject({
      inputTokens: usage!.prompt_tokens,
      outputTokens: usage!.completion_tokens,
      costUsd: cost,
      source: 'reported',
    });
  });
});
