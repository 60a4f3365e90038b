import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveModule } from 'import-meta-resolve';
import { ConfigError } from '../core/errors/classes.js';
import { isPlugin } from './check-plugin.js';
import type { Plugin } from './plugin.js';

/**
 * Imports plugins by name. A package is resolved as for an application in the folder of `source`, and then beside this
 * package, where a global install puts it; `./mine.js` is relative to `source`. The default export of the module is a
 * plugin, or a factory that returns one without options, optionally as a promise.
 * @param source the file that lists the plugins; a path that is not a file stands for the working directory
 * @throws ConfigError if a plugin cannot be found or imported, or is not a plugin
 */
export async function loadPlugins(specifiers: readonly string[], source: string): Promise<readonly Plugin[]> {
  // Without plugins to look for, a program needs no permission to read files.
  if (specifiers.length === 0) return [];
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
      `"${specifier}" (in load) is not a plugin. Its default export must be the result of definePlugin(), or a function that returns it.`,
    );
  }
  return plugin;
}

async function importModule(specifier: string, base: string): Promise<{ readonly default?: unknown }> {
  const remedy = isPath(specifier) ? 'Check the path.' : `Install it: npm i ${packageOf(specifier)}`;
  const url = await attempt(() => locate(specifier, base), {
    otherwise: `Cannot find the plugin "${specifier}" (in load)`,
    remedy,
  });
  return attempt(
    () => import(/* webpackIgnore: true */ /* @vite-ignore */ url) as Promise<{ readonly default?: unknown }>,
    {
      otherwise: `Cannot import the plugin "${specifier}" (in load)`,
    },
  );
}

/** Resolves a module to its URL, also one that is installed beside this package, as globally. */
function locate(specifier: string, base: string): string {
  try {
    return locateFrom(specifier, base);
  } catch (error) {
    if (isPath(specifier)) throw error;
    try {
      return locateFrom(specifier, import.meta.url);
    } catch {
      throw error;
    }
  }
}

/** Checks that a file exists, which the resolution does not. */
function locateFrom(specifier: string, base: string): string {
  const url = resolveModule(specifier, base);
  if (url.startsWith('file:') && !existsSync(fileURLToPath(url)))
    throw new Error(`no such file: ${fileURLToPath(url)}`);
  return url;
}

interface Explanation {
  readonly otherwise: string;
  readonly remedy?: string;
}

async function attempt<T>(run: () => T | Promise<T>, { otherwise, remedy }: Explanation): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${otherwise}: ${reason}${remedy === undefined ? '' : `. ${remedy}`}`, { cause: error });
  }
}

function isPath(specifier: string): boolean {
  return /^[./]/.test(specifier);
}

/** The installable package of `@scope/name/sub` or `name/sub`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
