import { ConfigError, describeConfig, GenerationError } from 'scriptorium';
import type { ConfigLayer, PipelineOptions } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { chooseProvider } from './choose-provider.js';
import type { Choice, Wanted } from './choose-provider.js';
import { hasKey, vendorsWithKey } from './has-key.js';
import { unknownProvider } from './missing-key.js';
import { ollamaAddress } from './ollama-address.js';
import { namesToLoad, settingOf, textSetting } from './settings.js';
import type { Settings } from './settings.js';
import { PROVIDER_NAMES, VENDORS } from './vendors.js';

/** Options with the providers of a command, and where it goes. */
export interface WithProviders {
  readonly options: PipelineOptions;
  readonly choice: Choice;
}

/** Plugins of the package that add a provider which the program does not know by its id. */
const ADDS_PROVIDER = /^scriptorium\/plugins\/(anthropic|openai-compatible)$/;
const OF_THE_PACKAGE = /^scriptorium\/plugins\//;

/** Chooses the provider of a command. @throws GenerationError `invalid-input` for a name that is no provider's */
export function choiceOf(settings: Settings, wanted: Wanted = {}): Choice {
  const loaded = namesToLoad(settings).map(String);
  const loadsOthers = loaded.some((name) => ADDS_PROVIDER.test(name));
  const { provider } = wanted;
  const mayExist = loadsOthers || loaded.some((name) => !OF_THE_PACKAGE.test(name));
  if (provider !== undefined && !PROVIDER_NAMES.includes(provider) && !mayExist)
    throw new GenerationError('invalid-input', unknownProvider(provider));
  return chooseProvider(wanted, {
    configured: textSetting(settings, 'defaults.provider'),
    hasOpenRouter: hasKey('openrouter', settings),
    loadsOthers,
    keyed: vendorsWithKey(settings),
    isMaker: new Map([...VENDORS].map(([id, { isMaker = false }]) => [id, isMaker])),
  });
}

/**
 * Adds the plugins of the chosen provider and of those that `routes` name, unless the configuration loads them.
 * @param isKeyOptional the command asks nothing that needs a key
 */
export async function withProviders(
  options: PipelineOptions,
  { wanted = {}, isKeyOptional = false }: { readonly wanted?: Wanted; readonly isKeyOptional?: boolean } = {},
): Promise<WithProviders> {
  const choice = choiceOf(options, wanted);
  const { provider } = choice;
  const needed = new Set([...(provider === undefined ? [] : [provider]), ...routed(options)]);
  const loaded = await loadedIds(options, needed);
  const plugins: NonNullable<PipelineOptions['plugins']>[number][] = [];
  if (usesOpenRouter(options, needed) && !loaded.has('openrouter')) {
    plugins.push(openrouter({ isKeyOptional: isKeyOptional || (needed.size > 0 && !needed.has('openrouter')) }));
  }
  for (const id of needed) {
    const vendor = VENDORS.get(id);
    if (vendor !== undefined && !loaded.has(id)) plugins.push(await vendor.load());
  }
  return {
    choice,
    options: {
      ...options,
      plugins: [...plugins, ...(options.plugins ?? [])],
      configFiles: [...ollamaLayer(options, needed), ...(options.configFiles ?? [])],
      ...(provider !== undefined && {
        config: { ...options.config, defaults: { ...options.config?.defaults, provider } },
      }),
    },
  };
}

/** OpenRouter is there where a command names no other provider, and where it has a key. */
function usesOpenRouter(options: PipelineOptions, needed: ReadonlySet<string>): boolean {
  const loadsProvider = namesToLoad(options).some((name) => ADDS_PROVIDER.test(String(name)));
  return needed.has('openrouter') || hasKey('openrouter', options) || (needed.size === 0 && !loadsProvider);
}

/** The providers that `routes` names. */
function routed(options: PipelineOptions): readonly string[] {
  const routes = settingOf(options, 'routes');
  const list: unknown = typeof routes === 'string' ? parsed(routes) : routes;
  if (!Array.isArray(list)) return [];
  return list.flatMap((route: { readonly provider?: unknown } | null) =>
    typeof route?.provider === 'string' ? [route.provider] : [],
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Those of the needed plugins that the configuration loads. What cannot be loaded is reported later. */
async function loadedIds(options: PipelineOptions, needed: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (namesToLoad(options).length === 0) return new Set();
  const { lines } = await describeConfig({ ...options, plugins: [] });
  return new Set(['openrouter', ...needed].filter((id) => lines.some(({ path }) => path.startsWith(`plugins.${id}.`))));
}

/** Ollama's own variable may be set for other programs, in forms that only Ollama knows. */
function ollamaLayer({ environment = {} }: Settings, needed: ReadonlySet<string>): readonly ConfigLayer[] {
  const { OLLAMA_HOST: host = '', OLLAMA_BASE_URL: address = '' } = environment;
  if (host === '' || address !== '' || !needed.has('ollama')) return [];
  const baseUrl = ollamaAddress(host);
  if (baseUrl === undefined)
    throw new ConfigError(`OLLAMA_HOST is not an address. Write it as 127.0.0.1:11434, or set OLLAMA_BASE_URL.`);
  return [{ source: 'OLLAMA_HOST', values: { plugins: { ollama: { baseUrl } } } }];
}
