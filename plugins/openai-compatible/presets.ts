import type { FieldNames, Preset } from './preset.js';

const OPEN_WEIGHTS: FieldNames = {
  maxTokens: 'max_tokens',
  seed: 'seed',
  topK: 'top_k',
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
};
const PLAIN: FieldNames = { maxTokens: 'max_tokens', seed: 'seed' };

/**
 * The servers by name, as of autumn 2026. A model stands as `exact` only where its own vendor, or the server's, documents that
 * it goes on from an assistant's last message and nothing but that message decides it; where a chat template, or a model
 * that thinks, may decide otherwise, it is left to `instructed`, and to the user's own table.
 */
export const PRESETS = {
  /** Any other server: what nearly all of them understand. */
  generic: { baseUrl: null, names: PLAIN, takesEffort: false, asksForUsage: true, prefill: {}, begun: {} },
  /** Refuses fields that it does not know, `max_tokens` for its newer models, and sampling for those that reason. */
  openai: {
    baseUrl: 'https://api.openai.com/v1',
    keyVariable: 'OPENAI_API_KEY',
    names: { maxTokens: 'max_completion_tokens', seed: 'seed' },
    withoutSampling: ['o1*', 'o3*', 'o4*', 'gpt-5*'],
    takesEffort: true,
    asksForUsage: true,
    prefill: {},
    begun: {},
  },
  /** Tells the usage by itself, under `x_groq`. Documents prefills with Llama; its reasoning models may not heed one. */
  groq: {
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariable: 'GROQ_API_KEY',
    names: { maxTokens: 'max_completion_tokens', seed: 'seed' },
    takesEffort: true,
    asksForUsage: false,
    prefill: { 'llama-3*': 'exact' },
    begun: {},
  },
  /** Tells the usage by itself. */
  together: {
    baseUrl: 'https://api.together.xyz/v1',
    keyVariable: 'TOGETHER_API_KEY',
    names: OPEN_WEIGHTS,
    takesEffort: true,
    asksForUsage: false,
    prefill: {},
    begun: {},
  },
  /** Refuses fields that it does not know, `stream_options` among them; tells the usage by itself. Its answer repeats the prefix. */
  mistral: {
    baseUrl: 'https://api.mistral.ai/v1',
    keyVariable: 'MISTRAL_API_KEY',
    names: { maxTokens: 'max_tokens', seed: 'random_seed' },
    takesEffort: false,
    asksForUsage: false,
    takesThoughts: true,
    prefill: { 'magistral*': 'instructed', '*': 'exact' },
    begun: { message: { prefix: true }, isRepeated: true },
  },
  /** Goes on from a prefix under its beta address only. Its other models think by default. */
  deepseek: {
    baseUrl: 'https://api.deepseek.com',
    keyVariable: 'DEEPSEEK_API_KEY',
    names: { maxTokens: 'max_tokens' },
    takesEffort: true,
    asksForUsage: true,
    prefill: { 'deepseek-chat': 'exact' },
    begun: { message: { prefix: true }, path: '/beta' },
  },
  vllm: {
    baseUrl: 'http://127.0.0.1:8000/v1',
    isLocal: true,
    names: OPEN_WEIGHTS,
    takesEffort: true,
    asksForUsage: true,
    prefill: { '*': 'exact' },
    begun: { body: { continue_final_message: true, add_generation_prompt: false } },
  },
  /** `llama-server`. Refuses a prefill (400) where the model is to think first; it is instructed then. */
  'llama-cpp': {
    baseUrl: 'http://127.0.0.1:8080/v1',
    isLocal: true,
    names: { ...OPEN_WEIGHTS, repetitionPenalty: 'repeat_penalty' },
    takesEffort: false,
    asksForUsage: true,
    prefill: { '*': 'exact' },
    begun: {},
  },
  /** Whether a text is gone on from depends on the engine below: not relied on. */
  'lm-studio': {
    baseUrl: 'http://127.0.0.1:1234/v1',
    isLocal: true,
    names: { maxTokens: 'max_tokens', seed: 'seed', topK: 'top_k', repetitionPenalty: 'repeat_penalty' },
    takesEffort: false,
    asksForUsage: true,
    prefill: {},
    begun: {},
  },
  /** Whether a text is gone on from depends on the model's template: not relied on. */
  ollama: {
    baseUrl: 'http://127.0.0.1:11434/v1',
    isLocal: true,
    names: PLAIN,
    takesEffort: true,
    asksForUsage: true,
    prefill: {},
    begun: {},
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];
