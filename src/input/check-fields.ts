import type { Format } from '../config/formats.js';
import { didYouMean } from '../core/util/nearest.js';
import { shown } from '../config/shown.js';

/** What the fields of an object may be. */
export type Fields = Readonly<Record<string, Format<unknown>>>;

/** What is wrong with an object: a field that there is not, or a value that is not of its format. Nothing if all is right. */
export function problemOfFields(path: string, fields: Fields, values: object): string | undefined {
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    const format = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (format === undefined) return `${path} has no key "${key}".${didYouMean(key, Object.keys(fields))}`;
    if (value !== undefined && !isOf(format, value)) return `${path}.${key} is ${shown(value)}, but must be ${format.description}.`;
  }
  return undefined;
}

/** Whether it is of the format as it stands: a number in a text is read as one from the environment only. */
export function isOf(format: Format<unknown>, value: unknown): boolean {
  return value !== undefined && format.read(value) === value;
}
