import { describe, expect, it } from '@jest/globals';
import { aRequest } from 'scriptorium/testing';
import { billingOf } from '../../../plugins/openai-compatible/encode.js';
import { serverOf } from '../../../plugins/openai-compatible/server.js';
import type { PresetName } from '../../../plugins/openai-compatible/index.js';

const NOTHING = { apiKey: null, keys: null, prefill: null, endsByTerminator: null, headers: null };

function billing(preset: PresetName, baseUrl: string | null, options: Readonly<Record<string, unknown>> = {}) {
  const server = { ...serverOf('mine', undefined, { ...NOTHING, preset, baseUrl }), remedies: {} };
  return billingOf(aRequest({ model: 'm', maxTokens: 100, providerOptions: { mine: options } }), server);
}

describe('a local preset', () => {
  it.each([
    null,
    'http://localhost:8000/v1',
    'http://127.0.0.2/v1',
    'http://[::1]:8000/v1',
    'http://192.168.1.20:8000/v1',
    'http://[fd00::7]/v1',
    'http://gpu-box:8000/v1',
    'http://studio.local/v1',
    'http://host.docker.internal:11434/v1',
  ])('is free at %s', (baseUrl) => {
    expect(billing('vllm', baseUrl).isFree).toBe(true);
  });

  it.each([
    'https://api.paid.example/v1',
    'https://8.8.8.8/v1',
    'https://localhost.paid.example/v1',
    'https://127.0.0.1.paid.example/v1',
    'http://[2001:db8::1]/v1',
  ])('has an unknown price at %s', (baseUrl) => {
    expect(billing('vllm', baseUrl).isFree).toBe(false);
  });
});

describe('a server', () => {
  it('bills the model and the caps that are sent', () => {
    expect(billing('generic', 'https://api.paid.example/v1', { model: 'dear', max_tokens: 300.2, n: 2 })).toEqual({
      models: ['dear'],
      isFree: false,
      outputTokens: 602,
    });
  });

  it('may charge for its own tools', () => {
    const { unknownFees } = billing('generic', 'https://api.paid.example/v1', { web_search_options: {}, n: 1 });
    expect(unknownFees).toEqual(['web_search_options']);
  });
});
