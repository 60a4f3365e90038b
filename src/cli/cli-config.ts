import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GenerationError, loadConfig } from 'scriptorium';
import type { ConfigLayer } from 'scriptorium';
import { packageRoot } from './package-root.js';

/** The file looked for in the working folder. */
const CONFIG_FILE = 'scriptorium.config.json';

/** Errors are told in the program's own words; who wants log lines too sets `logging.level`. */
const OWN_DEFAULTS: ConfigLayer = { source: 'the command line program', values: { logging: { level: 'silent' } } };

/** Reads `.env` of the working folder into the environment; variables that are already set stay. @throws `configuration` if it cannot be read */
export function loadDotEnv(): void {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    throw new GenerationError('configuration', `The file .env in the working folder cannot be read: ${String(error)}`, { cause: error });
  }
}

/** The configuration files the CLI reads, weakest first: the program's and the package's own, then the user's. Without NODE_ENV there is no environment's file. */
export function cliConfigFiles(userFile: string | undefined): readonly ConfigLayer[] {
  const names = ['default', process.env.NODE_ENV].filter((name) => name !== undefined && name !== '');
  const own = names.map((name) => fileURLToPath(new URL(`config/${name}.json`, packageRoot)));
  const inFolder = resolve(CONFIG_FILE);
  const users = userFile === undefined ? [inFolder].filter(existsSync) : [resolve(userFile)];
  return [OWN_DEFAULTS, ...loadConfig({ files: [...own.filter(existsSync), ...users] })];
}
