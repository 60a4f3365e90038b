import type { PipelineOptions } from 'scriptorium';
import { PRESET_SERVERS } from 'scriptorium/plugins/openai-compatible';
import type { PresetName, PresetServer } from 'scriptorium/plugins/openai-compatible';

type Plugin = NonNullable<PipelineOptions['plugins']>[number];

/** A provider that the program knows by name, its plugin being loaded by itself. */
export interface Vendor {
  /** The variable of its key. A server without one needs no key. */
  readonly keyVariable?: string | undefined;
  /** The variable of its address. */
  readonly baseUrlVariable: string;
  /** Its address, unless it is configured; null where it has to be. */
  readonly baseUrl: string | null;
  /**
   * Its name also stands in the ids of those that serve models of others, as in `openai/gpt-4o`. Its own ids have no slash.
   */
  readonly isMaker?: boolean;
  readonly load: () => Promise<Plugin>;
}

/** The makers of models among the vendors; the others serve models of several makers. */
const MAKERS: ReadonlySet<string> = new Set(['openai', 'anthropic', 'mistral', 'deepseek']);

/** The vendors beside OpenRouter, by provider id. */
export const VENDORS: ReadonlyMap<string, Vendor> = new Map<string, Vendor>([
  [
    'anthropic',
    {
      keyVariable: 'ANTHROPIC_API_KEY',
      baseUrlVariable: 'ANTHROPIC_BASE_URL',
      baseUrl: 'https://api.anthropic.com',
      isMaker: true,
      load: async () => (await import('scriptorium/plugins/anthropic')).anthropic(),
    },
  ],
  ...Object.entries<PresetServer>(PRESET_SERVERS).map(([name, server]): [string, Vendor] => vendorOf(name, server)),
]);

/** The names that `--provider` takes. */
export const PROVIDER_NAMES: readonly string[] = ['openrouter', ...VENDORS.keys()];

function vendorOf(name: string, server: PresetServer): [string, Vendor] {
  // The one that no preset describes has the plugin's own id.
  const id = name === 'generic' ? 'openai-compatible' : name;
  const preset = name === 'generic' ? undefined : (name as PresetName);
  return [
    id,
    {
      ...server,
      baseUrlVariable: server.baseUrlVariable ?? 'SCRIPTORIUM_PLUGINS_OPENAI_COMPATIBLE_BASE_URL',
      isMaker: MAKERS.has(name),
      load: async () => (await import('scriptorium/plugins/openai-compatible')).openaiCompatible({ preset }),
    },
  ];
}
