import { describe, expect, it } from '@jest/globals';
import { aRequest } from 'scriptorium/testing';
import { billingOf } from '../../../plugins/anthropic/encode.js';

const billing = (anthropic: Readonly<Record<string, unknown>>) =>
  billingOf(aRequest({ model: 'claude', maxTokens: 100, providerOptions: { anthropic } }), 'anthropic');

describe('how Anthropic bills a request', () => {
  it('by the model and the cap that are sent', () => {
    expect(billing({})).toEqual({ models: ['claude'], outputTokens: 100 });
    expect(billing({ model: 'claude-dear', max_tokens: 300.5 })).toEqual({
      models: ['claude-dear'],
      outputTokens: 301,
    });
  });

  it.each(['tools', 'mcp_servers', 'service_tier', 'inference_geo'])('with unknown fees for %s', (option) => {
    expect(billing({ [option]: [] }).unknownFees).toEqual([option]);
  });
});
