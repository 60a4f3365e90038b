import { readFileSync } from 'node:fs';
import { ConfigError } from '../core/errors/classes.js';
import type { ConfigLayer } from './resolve.js';

/** Reads configuration files (JSON), weakest first. Their key `$schema`, which is for editors, is left out. @throws ConfigError if one is missing or is not valid JSON object */
export function loadConfig({ files }: { readonly files: readonly string[] }): readonly ConfigLayer[] {
  return files.map((file) => ({ source: file, values: readJsonObject(file) }));
}

function readJsonObject(file: string): object {
  const values = parse(file, read(file));
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new ConfigError(`The configuration file ${file} holds no JSON object.`);
  const { $schema: _forEditors, ...settings } = values as Readonly<Record<string, unknown>>;
  return settings;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} cannot be read: ${String(error)}`, { cause: error });
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} is not valid JSON${reason(error)}.`);
  }
}

/** What the parser says, less the piece of the file that it quotes: there may be a key in it. */
function reason(error: unknown): string {
  const [said = ''] = (error instanceof Error ? error.message : '').split('"');
  const told = said.replace(/[, .]+$/, '');
  return told === '' ? '' : `: ${told}`;
}
