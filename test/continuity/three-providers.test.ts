import { afterEach, describe, expect, it } from '@jest/globals';
import { createPipeline } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { errorBody, tells } from '../support/anthropic-wire.js';
import { scriptServer } from '../support/script-server.js';
import { PROMPT } from './emulated.js';

const [FIRST, SECOND, THIRD] = ['scriptorium/exact', 'claude-sonnet-4-5', 'scriptorium/exact-1500'];
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function anEmulator(): Promise<Emulator> {
  const emulator = await startEmulator();
  open.push(emulator);
  return emulator;
}

/** OpenRouter first, then Anthropic with a key that it refuses, then a server on this machine. */
async function threeRoads(): Promise<{
  pipeline: Pipeline;
  vendor: Emulator;
  local: Emulator;
  refusals: readonly string[];
}> {
  const [vendor, local] = [await anEmulator(), await anEmulator()];
  const refuser = await scriptServer(tells(errorBody('authentication_error', 'invalid x-api-key'), '401 Unauthorized'));
  open.push(refuser);
  const pipeline = await createPipeline({
    environment: {},
    plugins: [
      openrouter({ apiKey: 'k', baseUrl: vendor.url }),
      anthropic({ apiKey: 'revoked', baseUrl: `http://127.0.0.1:${refuser.port}` }),
      openaiCompatible({ id: 'local', preset: 'llama-cpp', baseUrl: local.url, apiKey: 'k' }),
    ],
    config: {
      logging: { level: 'silent' },
      retry: { baseMs: 1, capMs: 5 },
      defaults: { provider: 'openrouter', model: FIRST },
      routes: [
        { provider: 'anthropic', model: SECOND },
        { provider: 'local', model: THIRD },
      ],
    },
  });
  open.push({ close: () => pipeline.dispose() });
  return { pipeline, vendor, local, refusals: refuser.requests };
}

describe('a chapter whose first vendor dies twice and whose second refuses the key', () => {
  it('is finished by the third at the splice: one result, four attempts with their reasons, one bill', async () => {
    const { pipeline, vendor, local, refusals } = await threeRoads();
    vendor.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 70 } });
    const { text, provider, model, finishReason, segments, attempts, usage, cost } = await pipeline.generate({
      messages: PROMPT,
    });

    const soFar = segments
      .slice(0, 2)
      .map((segment) => segment.text)
      .join('');
    expect(vendor.textFor({ model: FIRST, messages: PROMPT }).startsWith(soFar)).toBe(true);
    expect(text).toBe(local.textFor({ model: THIRD, messages: [...PROMPT, { role: 'assistant', content: soFar }] }));
    expect(text.startsWith(soFar) && text.length > soFar.length).toBe(true);
    expect([provider, model, finishReason.unified]).toEqual(['local', THIRD, 'stop']);
    expect(segments.map((segment) => segment.provider)).toEqual(['openrouter', 'openrouter', 'local']);
    expect([vendor.requests.length, refusals.length, local.requests.length]).toEqual([2, 1, 1]);

    expect(attempts.map((attempt) => [attempt.provider, attempt.outcome, attempt.errorCode])).toEqual([
      ['openrouter', 'error', 'connection'],
      ['openrouter', 'error', 'connection'],
      ['anthropic', 'error', 'authentication'],
      ['local', 'success', undefined],
    ]);
    const sum = (of: (attempt: (typeof attempts)[number]) => number): number =>
      attempts.reduce((total, attempt) => total + of(attempt), 0);
    expect(usage).toMatchObject({
      inputTokens: sum((attempt) => attempt.usage.inputTokens),
      outputTokens: sum((attempt) => attempt.usage.outputTokens),
    });
    expect(attempts[2]!.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 });
    expect(pipeline.stats()).toMatchObject({
      requests: 1,
      successful: 1,
      attempts: 4,
      tokens: { prompt: usage.inputTokens, completion: usage.outputTokens },
      cost: { known: cost.known },
    });
  });
});
