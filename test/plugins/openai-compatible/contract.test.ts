import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import type { PresetName } from 'scriptorium/plugins/openai-compatible';
import { chatDialect, describeProvider, providerOf } from 'scriptorium/testing';

const prefill = { told: 'instructed', begun: 'exact', none: 'none' };

describe.each<PresetName>([
  'generic',
  'openai',
  'groq',
  'together',
  'mistral',
  'deepseek',
  'vllm',
  'llama-cpp',
  'lm-studio',
  'ollama',
])('with the preset %s,', (preset) => {
  describeProvider(preset, {
    make: ({ url, apiKey }) => providerOf(openaiCompatible({ preset }), { baseUrl: `${url}/v1`, apiKey, prefill }),
    dialect: chatDialect,
    models: ['a-model', 'told', 'begun', 'none'],
  });
});
