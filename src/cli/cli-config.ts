import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { GenerationError, loadConfig } from 'scriptorium';
import type { ConfigLayer, PipelineOptions } from 'scriptorium';
import { packageRoot } from './package-root.js';
import type { Shell } from './shell.js';

/** The file looked for in the working folder. */
const CONFIG_FILE = 'scriptorium.config.json';

/** What must outlive a call, as the requests of a day, goes where the XDG Base Directory Specification has it. */
function ownDefaults({ env }: Shell): ConfigLayer {
  const stateFolder = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return { source: 'the command line program', values: { stateFile: join(stateFolder, 'scriptorium', 'state.json') } };
}

/** Some editors put it at the head of a file. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Reads `.env` of the working folder into the environment; variables that are already set stay. Returns the names of those that it
 * has set. @throws `configuration` if it cannot be read
 */
export function loadDotEnv({ env, folder }: Shell): ReadonlySet<string> {
  const path = resolve(folder, '.env');
  if (!existsSync(path)) return new Set();
  try {
    const variables = Object.entries(parseEnv(readFileSync(path, 'utf8').replace(BYTE_ORDER_MARK, '')));
    const unset = variables.filter(([name]) => env[name] === undefined);
    for (const [name, value] of unset) env[name] = value;
    return new Set(unset.map(([name]) => name));
  } catch (error) {
    throw new GenerationError('configuration', `The file .env in the working folder cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

/** The configuration files the CLI reads, weakest first: the package's own, then the user's. Without NODE_ENV there is no environment's file. */
export function cliConfigPaths(userFile: string | undefined, { env, folder }: Shell): readonly string[] {
  const names = ['default', env.NODE_ENV].filter((name) => name !== undefined && name !== '');
  const own = names.map((name) => fileURLToPath(new URL(`config/${name}.json`, packageRoot)));
  const inFolder = resolve(folder, CONFIG_FILE);
  const users = userFile === undefined ? [inFolder].filter(existsSync) : [resolve(folder, userFile)];
  return [...own.filter(existsSync), ...users];
}

/** What every command makes its pipeline of, but for the providers. @throws ConfigError for a configuration file that cannot be read */
export function cliPipelineOptions(userFile: string | undefined, shell: Shell): PipelineOptions {
  return cliOptionsWith(loadConfig({ files: cliConfigPaths(userFile, shell) }), shell);
}

/** The same, of files that have been read. */
export function cliOptionsWith(configFiles: readonly ConfigLayer[], shell: Shell): PipelineOptions {
  return { configFiles: [ownDefaults(shell), ...configFiles], environment: shell.env };
}
