import type { PipelineOptions } from 'scriptorium';
import { namesToLoad, textSetting } from './providers/settings.js';

/** Plugins of the package whose commands are there without `load` in the configuration. */
const OWN_PLUGINS = [
  {
    specifier: 'scriptorium/plugins/gateway',
    commands: ['serve', 'gateway'],
    load: async (options: PipelineOptions) => {
      const { gateway } = await import('scriptorium/plugins/gateway');
      const { runsOf } = await import('scriptorium/plugins/runs');
      return gateway({ runs: runsOf(textSetting(options, 'plugins.runs.journal') ?? 'sqlite:.scriptorium/runs.db') });
    },
  },
  {
    specifier: 'scriptorium/plugins/runs',
    commands: ['batch', 'audit', 'worker'],
    load: async () => (await import('scriptorium/plugins/runs')).runs(),
  },
  {
    specifier: 'scriptorium/plugins/book',
    commands: ['book'],
    load: async () => (await import('scriptorium/plugins/book')).book(),
  },
] as const;

/** Plugins of the package that are there once their key `url` is set. */
const ADDRESSED_PLUGINS = ['redis', 'bullmq'] as const;

/**
 * Adds the plugins to which a command belongs, unless the configuration loads them.
 * @param command its name; undefined for those of all commands
 */
export async function withOwnPlugins(options: PipelineOptions, command: string | undefined): Promise<PipelineOptions> {
  const named = namesToLoad(options);
  const wanted = OWN_PLUGINS.filter(
    ({ specifier, commands }) =>
      !named.includes(specifier) && (command === undefined || commands.some((name) => name === command)),
  );
  const plugins = [...(options.plugins ?? [])];
  // One after the other: both import the same modules, and Jest's linker cannot take two imports of one at once.
  for (const { load } of wanted) plugins.push(await load(options));
  return withAddressedPlugins({ ...options, plugins });
}

/** Adds the plugins whose address is set, unless the configuration loads them. */
export async function withAddressedPlugins(options: PipelineOptions): Promise<PipelineOptions> {
  const named = namesToLoad(options);
  const plugins = [...(options.plugins ?? [])];
  for (const id of ADDRESSED_PLUGINS) {
    const specifier = `scriptorium/plugins/${id}`;
    if (textSetting(options, `plugins.${id}.url`) === undefined || named.includes(specifier)) continue;
    const { default: plugin } = (await import(specifier)) as { readonly default: () => Plugin };
    plugins.push(plugin());
  }
  return { ...options, plugins };
}

type Plugin = NonNullable<PipelineOptions['plugins']>[number];
