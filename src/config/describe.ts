import { isSecret } from './fragment.js';
import { allKeys } from './keys.js';
import type { Key, PluginSection } from './keys.js';
import type { Setting } from './layers.js';
import type { Examination } from './resolve.js';
import { shown, shownText } from './shown.js';

/** One configuration key as it is now. */
export interface ConfigLine {
  readonly path: string;
  /** Secrets are masked. */
  readonly value: unknown;
  /** A file, a variable, the program; "default" where nobody set it. */
  readonly source: string;
}

/** Every key with its value, right or wrong, and where that came from. */
export function describeValues({ keys, winners }: Pick<Examination, 'keys' | 'winners'>): readonly ConfigLine[] {
  return keys.map((key) => {
    const setting = winners.get(key.path);
    return {
      path: key.path,
      value: setting === undefined ? key.entry.default : valueOf(key, setting),
      source: setting?.source ?? 'default',
    };
  });
}

/** The reference table of all keys, or of those that begin with `prefix`, in Markdown. */
export function referenceTable(plugins: readonly PluginSection[], prefix = ''): string {
  const keys = allKeys(plugins).filter(({ path }) => path.startsWith(prefix));
  const rows = keys.map(
    (key) => `| \`${key.path}\` | ${cell(shownDefault(key))} | ${cell(meaning(key))} | ${variables(key)} |`,
  );
  return ['| key | default | meaning | environment |', '|---|---|---|---|', ...rows].join('\n');
}

/** As the program will see it; one that is refused as the refusal shows it. */
function valueOf({ format }: Key, { value }: Setting): unknown {
  if (value === null) return null;
  if (isSecret(format)) return '[secret]';
  const read = format.read(value);
  if (read !== undefined) return read;
  const refused = format.shown ? format.shown(value) : value;
  return typeof refused === 'string' ? shownText(refused) : shown(refused);
}

function shownDefault({ entry }: Key): string {
  if (entry.requiredUnless !== undefined) return `required, or \`${entry.requiredUnless}\``;
  return entry.required ? 'required' : `\`${JSON.stringify(entry.default)}\``;
}

function meaning({ entry, format }: Key): string {
  return `${entry.doc}; ${format.description}${entry.default === null && !entry.required && entry.requiredUnless === undefined ? ', or null' : ''}`;
}

function variables({ variables: names }: Key): string {
  return names.map(({ name, scale }) => `\`${name}\`${scale === undefined ? '' : ` (× ${scale})`}`).join(' ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
