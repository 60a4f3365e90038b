import { describe, expect, it } from '@jest/globals';
import type { GenerationInput } from 'scriptorium';
import { anthropic } from 'scriptorium/plugins/anthropic';
import type { AnthropicMessageOptions, AnthropicOptions } from 'scriptorium/plugins/anthropic';

describe("the types of Anthropic's options", () => {
  it('know the fields of the API, and let others pass', () => {
    const inputs: readonly GenerationInput[] = [
      {
        prompt: 'x',
        providerOptions: {
          anthropic: {
            service_tier: 'auto',
            tool_choice: { type: 'any', disable_parallel_tool_use: true },
            new_field: { a: 1 },
          },
        },
      },
      {
        prompt: 'x',
        providerOptions: {
          anthropic: { thinking: { type: 'enabled', budget_tokens: 2000 } },
          claude: { service_tier: 'whatever' },
        },
      },
      // @ts-expect-error there is no such tier
      { prompt: 'x', providerOptions: { anthropic: { service_tier: 'gold' } } },
      // @ts-expect-error a tool is chosen by its name
      { prompt: 'x', providerOptions: { anthropic: { tool_choice: { type: 'tool' } } } },
    ];
    // @ts-expect-error a budget is needed
    const thinking: AnthropicMessageOptions = { thinking: { type: 'enabled' } };
    expect([inputs.length, thinking]).toEqual([4, { thinking: { type: 'enabled' } }]);
  });

  it('of the plugin are its configuration and its id', () => {
    const options: AnthropicOptions = {
      id: 'claude',
      apiKey: 'k',
      beta: ['x-2026-01-01'],
      prefill: { 'claude-9*': 'exact' },
    };
    // @ts-expect-error a model goes on exactly, by instruction, or not at all
    const wrong: AnthropicOptions = { prefill: { 'claude-9*': 'maybe' } };
    expect([anthropic(options).id, anthropic().id, wrong.prefill]).toEqual([
      'claude',
      'anthropic',
      { 'claude-9*': 'maybe' },
    ]);
  });
});
