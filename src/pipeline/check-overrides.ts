import { BASE_SCHEMA } from '../config/base-schema.js';
import { formatOf } from '../config/fragment.js';
import type { Fragment } from '../config/fragment.js';
import { isSection } from '../config/layers.js';
import { didYouMean } from '../config/nearest.js';
import { shown } from '../config/shown.js';
import type { Overrides } from '../core/settings.js';

/** The sections that one request may set differently. */
const SECTIONS: Readonly<Record<keyof Overrides, Fragment>> = { retry: BASE_SCHEMA.retry, timeouts: BASE_SCHEMA.timeouts };

/** What is wrong with a request's `overrides`, by the rules of the configuration; nothing if they are right. */
export function problemOfOverrides(overrides: object): string | undefined {
  for (const [section, values] of Object.entries(overrides) as [string, unknown][]) {
    if (!Object.hasOwn(SECTIONS, section)) return `overrides has no section "${section}".${didYouMean(section, Object.keys(SECTIONS))}`;
    if (values === undefined) continue;
    if (!isSection(values)) return `overrides.${section} is ${shown(values)}, but must be an object.`;
    const problem = problemOfSection(`overrides.${section}`, SECTIONS[section as keyof Overrides], values);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOfSection(path: string, fragment: Fragment, values: object): string | undefined {
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    const entry = Object.hasOwn(fragment, key) ? fragment[key] : undefined;
    if (entry === undefined) return `${path} has no key "${key}".${didYouMean(key, Object.keys(fragment))}`;
    // The same value: a number in a text is read as one from the environment only.
    const isRight = value === undefined || (value === null && entry.default === null) || formatOf(entry).read(value) === value;
    if (!isRight) return `${path}.${key} is ${shown(value)}, but must be ${formatOf(entry).description}.`;
  }
  return undefined;
}

/** Without the keys whose value is undefined: they must not hide what is configured. */
export function definedOverrides({ retry, timeouts }: Overrides): Overrides {
  return { ...(retry && { retry: defined(retry) }), ...(timeouts && { timeouts: defined(timeouts) }) };
}

/** A copy without the fields whose value is undefined. */
export function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
