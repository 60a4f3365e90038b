import { Secret } from '../core/secret.js';
import { allKeys } from './keys.js';
import type { Key, PluginSection } from './keys.js';
import type { ResolvedConfig } from './resolve.js';

/** One configuration key as it is now. */
export interface ConfigLine {
  readonly path: string;
  /** Secrets are masked. */
  readonly value: unknown;
  /** A file, a variable, the program; "default" where nobody set it. */
  readonly source: string;
}

/** Every key with its value and where that came from. */
export function describeValues({ values, sources }: ResolvedConfig, plugins: readonly PluginSection[]): readonly ConfigLine[] {
  return allKeys(plugins).map(({ path }) => ({ path, value: masked(valueAt(values, path)), source: sources.get(path) ?? 'default' }));
}

/** The reference table of all keys, in Markdown. */
export function referenceTable(plugins: readonly PluginSection[]): string {
  const rows = allKeys(plugins).map((key) => `| \`${key.path}\` | ${cell(shownDefault(key))} | ${cell(meaning(key))} | ${variables(key)} |`);
  return ['| key | default | meaning | environment |', '|---|---|---|---|', ...rows].join('\n');
}

function valueAt(values: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], values);
}

function masked(value: unknown): unknown {
  return value instanceof Secret ? String(value) : value;
}

function shownDefault({ entry }: Key): string {
  return entry.required ? 'required' : `\`${JSON.stringify(entry.default)}\``;
}

function meaning({ entry, format }: Key): string {
  return `${entry.doc}; ${format.description}${entry.default === null && !entry.required ? ', or null' : ''}`;
}

function variables({ variables: names }: Key): string {
  return names.map(({ name, scale }) => `\`${name}\`${scale === undefined ? '' : ` (× ${scale})`}`).join(' ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
