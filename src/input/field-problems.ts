import type { Format } from '../config/formats.js';
import { isSection } from '../config/is-section.js';
import { shown } from '../config/shown.js';
import { noProvider } from '../core/provider-registry.js';
import { didYouMean } from '../core/util/nearest.js';

/** Formats of an object's fields. */
export type Fields = Readonly<Record<string, Format<unknown>>>;

/** Returns an object's unknown key or invalid value; undefined if there is none. */
export function problemOfFields(path: string, fields: Fields, values: object): string | undefined {
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    const format = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (format === undefined) {
      const known = Object.keys(fields);
      return `${path} has no key "${key}".${didYouMean(key, known) || ` Its keys: ${known.join(', ')}.`}`;
    }
    if (value !== undefined && !isOf(format, value))
      return `${path}.${key} is ${shown(value)}, but must be ${format.description}.`;
  }
  return undefined;
}

/** Whether a value is valid and of the right type; numbers and lists in strings are read only from the environment. */
export function isOf(format: Format<unknown>, value: unknown): boolean {
  const read = format.read(value);
  return read !== undefined && kindOf(read) === kindOf(value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

/** Headers of the connection, which only the transport may set. A wrong value splits requests or makes them hang. */
const OF_THE_TRANSPORT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Returns the first header that a caller may not set; undefined if there is none. */
export function problemOfHeaders(headers: Readonly<Record<string, string>>): string | undefined {
  for (const name of Object.keys(headers).map((given) => given.toLowerCase())) {
    if (OF_THE_TRANSPORT.has(name) || name.startsWith('proxy-'))
      return `headers must not contain "${name}". The transport sets the headers of the connection.`;
    if (name === 'authorization') {
      return 'headers must not contain "authorization". Set the plugin\'s apiKey; for a second key add a second instance of the plugin with an id of its own.';
    }
  }
  return undefined;
}

/**
 * Returns a key of `providerOptions` that is not a provider's id, or whose value is not an object. Never shows the
 * value.
 */
export function problemOfProviderOptions(options: object, providerIds: readonly string[]): string | undefined {
  for (const [id, value] of Object.entries(options) as [string, unknown][]) {
    if (!providerIds.includes(id)) return `providerOptions: ${noProvider(id, providerIds)}`;
    if (value !== undefined && !isSection(value)) return `providerOptions.${id} must be an object.`;
  }
  return undefined;
}
