import type { Format } from '../config/formats.js';
import { isSection } from '../config/is-section.js';
import { shown } from '../config/shown.js';
import { noProvider } from '../core/provider-named.js';
import { didYouMean } from '../core/util/nearest.js';

/** What the fields of an object may be. */
export type Fields = Readonly<Record<string, Format<unknown>>>;

/** What is wrong with an object: a field that there is not, or a value that is not of its format. Nothing if all is right. */
export function problemOfFields(path: string, fields: Fields, values: object): string | undefined {
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    const format = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (format === undefined) return `${path} has no key "${key}".${didYouMean(key, Object.keys(fields))}`;
    if (value !== undefined && !isOf(format, value))
      return `${path}.${key} is ${shown(value)}, but must be ${format.description}.`;
  }
  return undefined;
}

/** Whether it is of the format as it stands: a number in a text is read as one from the environment only. */
export function isOf(format: Format<unknown>, value: unknown): boolean {
  return value !== undefined && format.read(value) === value;
}

/** They say how the bytes travel over one connection: the transport's own affair. A wrong one splits requests or hangs them. */
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

/** What is wrong with the names of a request's headers: some are not the caller's to set. Nothing if they are right. */
export function problemOfHeaders(headers: Readonly<Record<string, string>>): string | undefined {
  for (const name of Object.keys(headers).map((given) => given.toLowerCase())) {
    if (OF_THE_TRANSPORT.has(name) || name.startsWith('proxy-'))
      return `headers must not hold "${name}": the transport sets what belongs to the connection.`;
    if (name === 'authorization') {
      return 'headers must not hold "authorization": the key is the plugin\'s (apiKey), and a second key is a second instance of it, such as openrouter({ id: "second" }).';
    }
  }
  return undefined;
}

/** What is wrong with `providerOptions`: a key that is no provider's id, or a value that is no object, which is not shown. */
export function problemOfProviderOptions(options: object, providerIds: readonly string[]): string | undefined {
  for (const [id, value] of Object.entries(options) as [string, unknown][]) {
    if (!providerIds.includes(id)) return `providerOptions: ${noProvider(id, providerIds)}`;
    if (value !== undefined && !isSection(value)) return `providerOptions.${id} must be an object.`;
  }
  return undefined;
}
