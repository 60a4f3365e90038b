/** A provider of ours, for a prefix of LiteLLM's model names. */
export interface KnownServer {
  /** The id of the plugin, whose configuration is `plugins.<id>`. */
  readonly plugin: 'openrouter' | 'anthropic' | 'openai-compatible';
  readonly preset?: string;
  /** The variable from which the plugin takes its key. */
  readonly keyVariable: string;
}

const COMPATIBLE = {
  plugin: 'openai-compatible',
  keyVariable: 'SCRIPTORIUM_PLUGINS_OPENAI_COMPATIBLE_API_KEY',
} as const;
const ANTHROPIC: KnownServer = { plugin: 'anthropic', keyVariable: 'ANTHROPIC_API_KEY' };
const OPENAI: KnownServer = { ...COMPATIBLE, preset: 'openai' };

/** Providers by the word before the first slash. */
const BY_PREFIX: Readonly<Record<string, KnownServer>> = {
  openrouter: { plugin: 'openrouter', keyVariable: 'OPENROUTER_API_KEY' },
  anthropic: ANTHROPIC,
  openai: OPENAI,
  text_completion_openai: OPENAI,
  custom_openai: { ...COMPATIBLE, preset: 'generic' },
  openai_like: { ...COMPATIBLE, preset: 'generic' },
  groq: { ...COMPATIBLE, preset: 'groq' },
  together_ai: { ...COMPATIBLE, preset: 'together' },
  mistral: { ...COMPATIBLE, preset: 'mistral' },
  deepseek: { ...COMPATIBLE, preset: 'deepseek' },
  hosted_vllm: { ...COMPATIBLE, preset: 'vllm' },
  llamafile: { ...COMPATIBLE, preset: 'llama-cpp' },
  lm_studio: { ...COMPATIBLE, preset: 'lm-studio' },
  ollama: { ...COMPATIBLE, preset: 'ollama' },
  ollama_chat: { ...COMPATIBLE, preset: 'ollama' },
};

/** Finds the provider of a model as LiteLLM names it, and the name that the provider itself gives to it. */
export function serverOf(
  model: string,
  baseUrl: string | undefined,
): { server: KnownServer; model: string } | undefined {
  const slash = model.indexOf('/');
  if (slash < 0) {
    if (model.startsWith('claude-')) return { server: ANTHROPIC, model };
    return /^(gpt-|o\d|chatgpt-)/.test(model) ? { server: OPENAI, model } : undefined;
  }
  const server = BY_PREFIX[model.slice(0, slash)];
  if (server === undefined) return undefined;
  // An address of its own: any server that speaks OpenAI's protocol.
  const isOther = server === OPENAI && baseUrl !== undefined && !baseUrl.startsWith('https://api.openai.com');
  return { server: isOther ? { ...server, preset: 'generic' } : server, model: model.slice(slash + 1) };
}
