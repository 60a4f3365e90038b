import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createPipeline } from 'scriptorium';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { importLitellm } from '../../src/cli/import-litellm/import-litellm.js';

const POOL = `
model_list:
  - model_name: book
    litellm_params:
      model: openrouter/deepseek/deepseek-chat
      api_key: os.environ/OR_KEY_1
      rpm: 20
      tpm: 100000
      max_tokens: 4000
      timeout: 300
      stream_timeout: 60
  - model_name: book
    litellm_params:
      model: openrouter/deepseek/deepseek-chat
      api_key: os.environ/OR_KEY_2
      rpm: 30
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
  - model_name: fast
    litellm_params: { model: groq/llama-3.3-70b-versatile, api_key: os.environ/GROQ_API_KEY }
  - model_name: azure
    litellm_params: { model: azure/gpt-4o, api_version: "2024-02-01", api_key: sk-in-the-file }
  - model_name: embed
    litellm_params: { model: openai/text-embedding-3-small }
    model_info: { mode: embedding }
router_settings:
  routing_strategy: simple-shuffle
  num_retries: 3
  retry_after: 2
  cooldown_time: 90
  fallbacks: [{ book: [claude, fast] }, { claude: [fast] }]
litellm_settings:
  drop_params: true
  request_timeout: 600
general_settings:
  master_key: os.environ/MASTER_KEY
`;

const OWN_SERVERS = `
model_list:
  - model_name: local
    litellm_params:
      model: openai/qwen3
      api_base: http://127.0.0.1:8000/v1
      api_key: sk-of-the-server
      max_parallel_requests: 8
    tpm: 50000
  - model_name: other
    litellm_params: { model: hosted_vllm/mistral, api_base: http://127.0.0.1:9000/v1 }
litellm_settings:
  num_retries: 2
  default_fallbacks: [other]
`;

describe("a configuration of LiteLLM's", () => {
  it('becomes one of Scriptorium, with its pool of keys, fallbacks, limits, retries and timeouts', async () => {
    const { config, notes } = importLitellm(parse(POOL));
    expect(config).toEqual({
      load: ['scriptorium/plugins/anthropic', 'scriptorium/plugins/openai-compatible'],
      defaults: { provider: 'openrouter', model: 'deepseek/deepseek-chat', maxTokens: 4_000 },
      routes: [
        { provider: 'anthropic', model: 'claude-sonnet-4-5' },
        { provider: 'openai-compatible', model: 'llama-3.3-70b-versatile' },
      ],
      retry: { maxAttempts: 4, baseMs: 2_000 },
      timeouts: { attemptMs: 300_000, firstTokenMs: 60_000 },
      breaker: { openMs: 90_000, longestOpenMs: 90_000 },
      rateLimit: { requestsPerMinute: 20, tokensPerMinute: 100_000 },
      plugins: { 'openai-compatible': { preset: 'groq' } },
    });
    expect(notes).toEqual([
      'Set OPENROUTER_API_KEYS to the values of OR_KEY_1, OR_KEY_2, with commas between them.',
      'Set SCRIPTORIUM_PLUGINS_OPENAI_COMPATIBLE_API_KEY to the value of GROQ_API_KEY.',
      'model_list.4 has the model "azure/gpt-4o", whose provider no plugin of the package speaks to.',
      'model_list.5 is for embedding; only chat models are generated with.',
      'router_settings.routing_strategy has no counterpart. See routes: "cheapest" or "fastest" with routing.models.',
      'router_settings.fallbacks.1.claude.0 has no counterpart.',
      'litellm_settings.drop_params has no counterpart.',
      'general_settings.master_key has no counterpart. Make keys for clients with: scriptorium gateway key',
    ]);
    const { load, ...rest } = config;
    const pipeline = await createPipeline({
      environment: {},
      plugins: [
        openrouter({ keys: ['sk-a', 'sk-b'] }),
        anthropic({ apiKey: 'sk-c' }),
        openaiCompatible({ apiKey: 'sk-d' }),
      ],
      config: rest,
    });
    await pipeline.dispose();
    expect(load).toHaveLength(2);
  });

  it('takes one server of a kind, and names the others and the key in the file without its value', () => {
    const { config, notes } = importLitellm(parse(OWN_SERVERS));
    expect(config).toEqual({
      load: ['scriptorium/plugins/openai-compatible'],
      defaults: { provider: 'openai-compatible', model: 'qwen3' },
      retry: { maxAttempts: 3 },
      concurrency: { max: 8 },
      rateLimit: { tokensPerMinute: 50_000 },
      plugins: { 'openai-compatible': { preset: 'generic', baseUrl: 'http://127.0.0.1:8000/v1' } },
    });
    expect(notes[0]).toBe(
      'Set SCRIPTORIUM_PLUGINS_OPENAI_COMPATIBLE_API_KEY to the value of model_list.0.litellm_params.api_key.',
    );
    expect(notes[1]).toContain('model_list.1 ("mistral") is on a second server of the plugin openai-compatible.');
    expect(notes.join('\n')).not.toContain('sk-of-the-server');
  });

  it('is imported for the model that is asked for', () => {
    const { config, notes } = importLitellm(parse(POOL), 'claude');
    expect(config).toMatchObject({
      defaults: { provider: 'anthropic', model: 'claude-sonnet-4-5' },
      routes: [{ provider: 'openai-compatible', model: 'llama-3.3-70b-versatile' }],
    });
    expect(notes).toContain('The model "book" is not in the configuration; import it with --model book.');
  });

  it.each([
    [{ model_list: [] }, undefined, 'its model_list is empty'],
    ['text', undefined, 'it is not a mapping with a model_list'],
    [parse(OWN_SERVERS), 'missing', 'it has no model "missing" that can be used; known: local, other'],
    [{ model_list: [{ model_name: 'a' }] }, undefined, 'model_list.0 has no model_name, or no litellm_params.model.'],
  ])('is refused with the reason if nothing can be made of it (%#)', (document, model, reason) => {
    expect(() => importLitellm(document, model)).toThrow(new RangeError(reason));
  });
});
