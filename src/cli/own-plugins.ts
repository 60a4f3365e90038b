import type { PipelineOptions } from 'scriptorium';

/** Plugins of the package whose commands are there without `load` in the configuration. */
const OWN_PLUGINS = [
  {
    specifier: 'scriptorium/plugins/gateway',
    commands: ['serve', 'gateway'],
    load: async () => {
      const { gateway } = await import('scriptorium/plugins/gateway');
      const { runsOf } = await import('scriptorium/plugins/runs');
      return gateway({ runs: runsOf('sqlite:.scriptorium/runs.db') });
    },
  },
  {
    specifier: 'scriptorium/plugins/runs',
    commands: ['batch', 'audit'],
    load: async () => (await import('scriptorium/plugins/runs')).runs(),
  },
] as const;

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
  for (const { load } of wanted) plugins.push(await load());
  return { ...options, plugins };
}

/** The key `load` of the strongest layer that has it. */
function namesToLoad({ configFiles = [], environment = {} }: PipelineOptions): readonly unknown[] {
  const inFiles = configFiles.map(({ values }) => (values as { readonly load?: unknown }).load);
  const load = environment.SCRIPTORIUM_LOAD ?? inFiles.findLast((value) => value !== undefined);
  return typeof load === 'string' ? load.split(',').map((name) => name.trim()) : Array.isArray(load) ? load : [];
}
