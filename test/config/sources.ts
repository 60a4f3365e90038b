import { ConfigError } from 'scriptorium';
import { resolveConfig } from '../../src/config/resolve.js';
import type { ConfigSources, ResolvedConfig } from '../../src/config/resolve.js';
import type { PluginSection } from '../../src/config/keys.js';
import type { Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import type { OpenRouterOptions } from 'scriptorium/plugins/openrouter';

/** OpenRouter's section, as the pipeline makes it of the plugin. */
export function openrouterSection(options: OpenRouterOptions = {}): PluginSection {
  return sectionOf(openrouter(options));
}

/** A plugin's section, as the pipeline makes it. */
export function sectionOf({ name, id, config: fragment, options, environment: variables }: Plugin): PluginSection {
  return { name, id, fragment, options, variables };
}

/** Resolves configuration from the layers given; the others are empty. There is no plugin unless one is given. */
export function resolved(from: Partial<ConfigSources> = {}): ResolvedConfig {
  return resolveConfig({ plugins: [], files: [], environment: {}, program: [], ...from });
}

/** What the program itself passes. */
export function program(values: object): Pick<ConfigSources, 'program'> {
  return { program: [{ source: 'the program', values }] };
}

/** The error that resolving these layers ends in. Fails if it succeeds. */
export function refusal(from: Partial<ConfigSources>): ConfigError {
  try {
    resolved(from);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw new Error('Expected a ConfigError', { cause: error });
  }
  throw new Error('Expected the configuration to be refused');
}

/** The problems that a refusal lists. */
export function problemsOf(from: Partial<ConfigSources>): readonly string[] {
  return refusal(from)
    .message.split('\n')
    .slice(1)
    .map((line) => line.replace('  - ', ''));
}
