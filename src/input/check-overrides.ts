import { BASE_SCHEMA, TOP_SCHEMA } from '../config/base-schema.js';
import type { Format } from '../config/formats.js';
import { formatOf } from '../config/fragment.js';
import type { Entry, Fragment } from '../config/fragment.js';
import { isSection } from '../config/is-section.js';
import { shown } from '../config/shown.js';
import type { Overrides } from '../core/settings.js';
import { defined } from '../core/util/defined.js';
import { didYouMean } from '../core/util/nearest.js';
import { problemOfFields } from './field-problems.js';
import type { Fields } from './field-problems.js';
import type { GenerationInput } from './generation-input.js';

const { reconcile: _ofThePipeline, ...continuity } = BASE_SCHEMA.continuity;
const { deadlineMs: _besideOverrides, ...timers } = BASE_SCHEMA.timeouts;
const { maxEntries: _ofTheStore, ...cache } = BASE_SCHEMA.cache;
const { generationUsd, generationTokens, labelUsd, labelTokens } = BASE_SCHEMA.budget;
const { budget: _ofTheProvider, ...retrySettings } = BASE_SCHEMA.retry;

/** The sections that a request may override. */
const SECTIONS: Readonly<Record<Exclude<keyof Overrides, 'routes'>, Fields>> = {
  continuity: fieldsOf(continuity),
  retry: fieldsOf(retrySettings),
  timeouts: fieldsOf(timers),
  routing: fieldsOf(BASE_SCHEMA.routing),
  cache: fieldsOf(cache),
  budget: fieldsOf({ generationUsd, generationTokens, labelUsd, labelTokens }),
};

/**
 * Checks a request's `overrides` by the rules of the configuration. Returns the problem; undefined if there is none.
 */
export function problemOfOverrides(overrides: object): string | undefined {
  for (const [section, values] of Object.entries(overrides) as [string, unknown][]) {
    if (section !== 'routes' && !Object.hasOwn(SECTIONS, section))
      return `overrides has no section "${section}".${didYouMean(section, [...Object.keys(SECTIONS), 'routes'])}`;
    if (values === undefined) continue;
    if (section === 'routes') {
      if (TOP_SCHEMA.routes.format.read(values) === undefined)
        return `overrides.routes must be ${TOP_SCHEMA.routes.format.description}.`;
      continue;
    }
    if (section === 'timeouts' && isSection(values) && 'deadlineMs' in values)
      return 'overrides.timeouts has no key "deadlineMs". Set the deadlineMs of the request itself.';
    if (!isSection(values)) return `overrides.${section} is ${shown(values)}, but must be an object.`;
    const problem = problemOfFields(`overrides.${section}`, SECTIONS[section as keyof typeof SECTIONS], values);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function fieldsOf(fragment: Fragment): Fields {
  return Object.fromEntries(Object.entries(fragment).map(([key, entry]) => [key, formatWithNull(entry)]));
}

/** `null` is valid where it is the default. */
function formatWithNull(entry: Entry): Format<unknown> {
  const format = formatOf(entry);
  return entry.default === null ? { ...format, read: (value) => (value === null ? null : format.read(value)) } : format;
}

/** Drops keys whose value is undefined, since they would hide configured values, and blanks around the names of models. */
export function definedOverrides({
  continuity: given,
  retry,
  timeouts,
  routes,
  routing,
  cache: cacheSettings,
  budget,
}: NonNullable<GenerationInput['overrides']>): Overrides {
  return {
    ...(given && { continuity: defined(given) }),
    ...(retry && { retry: defined(retry) }),
    ...(timeouts && { timeouts: defined(timeouts) }),
    ...(routes && { routes: readBy(TOP_SCHEMA.routes.format, routes) }),
    ...(routing && {
      routing: defined({
        ...routing,
        models: routing.models && readBy(BASE_SCHEMA.routing.models.format, routing.models),
      }),
    }),
    ...(cacheSettings && { cache: defined(cacheSettings) }),
    ...(budget && { budget: defined(budget) }),
  };
}

/** A value that has been checked, as its format has it. */
function readBy<T>(format: Format<T>, value: T): T {
  return format.read(value) ?? value;
}
