import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveModule } from 'import-meta-resolve';
import { ConfigError } from '../core/errors/classes.js';
import { isPlugin } from './check-plugin.js';
import type { Plugin } from './plugin.js';

/**
 * Imports plugins by name. A package is looked for as an application beside `source` would find it; `./mine.js` lies
 * beside `source`. The module's default export is a plugin, or a factory that makes one without options, at once or later.
 * @param source the file that names them; anything that is no file stands for the working folder
 */
export async function loadPlugins(specifiers: readonly string[], source: string): Promise<readonly Plugin[]> {
  const base = pathToFileURL(existsSync(source) ? resolve(source) : resolve('index.js')).href;
  return Promise.all(specifiers.map((specifier) => loadPlugin(specifier, base)));
}

async function loadPlugin(specifier: string, base: string): Promise<Plugin> {
  const module = await importModule(specifier, base);
  const plugin: unknown = await attempt(
    () => (typeof module.default === 'function' ? (module.default as () => unknown)() : module.default),
    {
      otherwise: `The factory of the plugin "${specifier}" (in load) failed`,
    },
  );
  if (!isPlugin(plugin)) {
    throw new ConfigError(
      `"${specifier}" (in load) is no plugin: its default export must be what definePlugin() makes, or a function that returns it.`,
    );
  }
  return plugin;
}

async function importModule(specifier: string, base: string): Promise<{ readonly default?: unknown }> {
  const remedy = /^[./]/.test(specifier) ? 'is the path right?' : `is it installed? npm i ${packageOf(specifier)}`;
  const url = await attempt(() => locate(specifier, base), {
    otherwise: `The plugin "${specifier}" (in load) cannot be found; ${remedy}`,
  });
  return attempt(() => import(url) as Promise<{ readonly default?: unknown }>, {
    otherwise: `The plugin "${specifier}" (in load) cannot be imported`,
  });
}

/** The address of a module. A file's is not looked at by the resolution itself. */
function locate(specifier: string, base: string): string {
  const url = resolveModule(specifier, base);
  if (url.startsWith('file:') && !existsSync(fileURLToPath(url))) throw new Error(`there is no ${fileURLToPath(url)}`);
  return url;
}

async function attempt<T>(run: () => T | Promise<T>, { otherwise }: { readonly otherwise: string }): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new ConfigError(`${otherwise}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** `@scope/name/sub` and `name/sub` lie in packages that can be installed. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
