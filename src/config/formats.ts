import { LONGEST_TIMER_MS } from '../core/clock.js';
import { readProxy, withoutUser } from '../core/http-proxy.js';
import { ROUTE_STRATEGIES } from '../core/routes.js';
import type { Route, Routes } from '../core/routes.js';
import { Secret } from '../core/secret.js';
import { readBase, withoutSecrets } from './base-url.js';
import { ROUTES_SCHEMA } from './routes-schema.js';
import { isSection } from './is-section.js';
import { isForbidden } from './names.js';
import { numeric } from './numeric.js';

/** What a configuration value may be: how it is checked, described, and read from an environment variable's text. */
export interface Format<T> {
  /** Completes "must be …" in messages and in the documentation. */
  readonly description: string;
  /** The value, converted if need be; undefined if it is not of this format. Texts come from the environment. */
  read(value: unknown): T | undefined;
  /** The JSON Schema of its values in a file; by default any value. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Its values are objects: what is inside is no path of keys. */
  readonly isObject?: true;
  /** The part of a value, right or wrong, that may be shown; by default all of it. */
  shown?(value: unknown): unknown;
}

const TEXT_SCHEMA = { type: 'string', minLength: 1 };
/** A number may be written as a text with a unit. */
const NUMBER_TEXT = { type: 'string', pattern: '^\\s*[+-]?[\\d.]+(e[+-]?\\d+)?[kKmM]?\\s*$' };

/** Text that is not empty. */
export const text: Format<string> = {
  schema: TEXT_SCHEMA,
  description: 'a text that is not empty',
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
};

/** The name of a model, without the blanks around it. */
export const modelName: Format<string> = {
  schema: TEXT_SCHEMA,
  description: text.description,
  read: (value) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined),
};

/** What may stand in an HTTP header: Latin-1 without line breaks. */
export const headerValue: Format<string> = {
  schema: { type: 'string', pattern: '^[\\x20-\\x7e\\xa0-\\xff]+$' },
  description: 'a text of Latin-1 characters without line breaks',
  read: (value) => (typeof value === 'string' && /^[\x20-\x7e\xa0-\xff]+$/.test(value) ? value : undefined),
};

export const flag: Format<boolean> = {
  schema: { enum: [true, false, 'true', 'false'] },
  description: 'true or false',
  read: (value) =>
    typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined,
};

/** A list of texts; in the environment separated by commas. */
export const list: Format<readonly string[]> = {
  schema: { anyOf: [{ type: 'array', items: TEXT_SCHEMA }, { type: 'string' }] },
  description: 'a list of texts',
  read: (value) => {
    const items: unknown =
      typeof value === 'string'
        ? value
            .split(',')
            .map((item) => item.trim())
            .filter((item) => item !== '')
        : value;
    return Array.isArray(items) && items.every((item) => typeof item === 'string' && item !== '')
      ? (items as readonly string[])
      : undefined;
  },
};

/** A list of names of models; in the environment separated by commas. */
export const modelList: Format<readonly string[]> = {
  schema: { anyOf: [{ type: 'array', items: TEXT_SCHEMA }, { type: 'string' }] },
  description: list.description,
  read: (value) => {
    const names = list.read(value)?.map((name) => name.trim());
    return names?.includes('') === true ? undefined : names;
  },
};

/** An object whose values are of one format, whatever its keys; in the environment as JSON. */
export function record<T>(values: Format<T>, keys: string): Format<Readonly<Record<string, T>>> {
  return {
    description: `an object of ${keys}, each with ${values.description}`,
    isObject: true,
    schema: { anyOf: [{ type: 'object', additionalProperties: values.schema ?? true }, { type: 'string' }] },
    read: (value) => {
      const given = typeof value === 'string' ? parseJson(value) : value;
      if (!isSection(given)) return undefined;
      const entries = Object.entries(given).map(
        ([key, item]) => [key, isForbidden(key) ? undefined : values.read(item)] as const,
      );
      return entries.every(([, item]) => item !== undefined)
        ? (Object.fromEntries(entries) as Readonly<Record<string, T>>)
        : undefined;
    },
  };
}

/** Routes of a generation, in order, the names of models without blanks around them, or how to choose it; in the environment a list is written as JSON. */
export const routeList: Format<Routes> = {
  schema: ROUTES_SCHEMA,
  description: '"cheapest", "fastest", or a list of { provider, model }, of which one may be left out',
  read: (value) => {
    const strategy = ROUTE_STRATEGIES.find((name) => name === value);
    if (strategy !== undefined) return strategy;
    const routes = typeof value === 'string' ? parseJson(value) : value;
    return Array.isArray(routes) && routes.every(isRoute) ? routes.map(withTrimmedModel) : undefined;
  },
};

function isRoute(value: unknown): value is Route {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.every(
      ([name, item]) => (name === 'provider' || name === 'model') && typeof item === 'string' && item.trim() !== '',
    )
  );
}

function withTrimmedModel(route: Route): Route {
  return route.model === undefined ? route : { ...route, model: route.model.trim() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A whole number, both bounds included. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Format<number> {
  return {
    description:
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number of at least ${least}`
        : `a whole number from ${least} to ${most}`,
    schema: { anyOf: [{ type: 'integer', minimum: least, maximum: most }, NUMBER_TEXT] },
    read: (value) => (Number.isInteger(numeric(value)) ? inRange(numeric(value), least, most) : undefined),
  };
}

/** Values of either format; the first that takes one reads it. */
export function either<A, B>(first: Format<A>, second: Format<B>): Format<A | B> {
  return {
    description: `${first.description}, or ${second.description}`,
    schema: { anyOf: [first.schema ?? {}, second.schema ?? {}] },
    read: (value) => first.read(value) ?? second.read(value),
  };
}

/** A value of a format, or null for none; in the environment the word `null`. */
export function orNull<T>(format: Format<T>): Format<T | null> {
  return {
    description: `${format.description}, or null`,
    schema: { anyOf: [format.schema ?? {}, { type: 'null' }, { const: 'null' }] },
    read: (value) => (value === null || value === 'null' ? null : format.read(value)),
  };
}

/** A number, both bounds included. */
export function between(least: number, most: number): Format<number> {
  return {
    description: `a number from ${least} to ${most}`,
    schema: { anyOf: [{ type: 'number', minimum: least, maximum: most }, NUMBER_TEXT] },
    read: (value) => inRange(numeric(value), least, most),
  };
}

/** Milliseconds, no more than Node can time. */
export const milliseconds: Format<number> = {
  ...whole(0, LONGEST_TIMER_MS),
  description: `milliseconds, from 0 to ${LONGEST_TIMER_MS}`,
};

export function oneOf<const T extends string>(...choices: readonly T[]): Format<T> {
  return {
    description: `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`,
    schema: { enum: choices },
    read: (value) => choices.find((choice) => choice === value),
  };
}

/** A key, kept so that it is never printed. Printable ASCII without blanks: anything else could break out of a header. */
export function secret(): Format<Secret> {
  return {
    description: 'a key of printable ASCII characters without blanks',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]+$' },
    read: (value) => {
      const key = value instanceof Secret ? value.reveal() : value;
      return typeof key === 'string' && /^[\x21-\x7e]+$/.test(key) ? new Secret(key) : undefined;
    },
  };
}

/** Several keys, each kept so that it is never printed; in the environment separated by commas. */
export function secrets(): Format<readonly Secret[]> {
  const one = secret();
  return {
    description: 'a list of keys of printable ASCII characters without blanks or commas',
    schema: { anyOf: [{ type: 'array', items: TEXT_SCHEMA, minItems: 1 }, TEXT_SCHEMA] },
    read: (value) => {
      const items =
        value instanceof Secret ? list.read(value.reveal()) : typeof value === 'string' ? list.read(value) : value;
      if (!Array.isArray(items) || items.length === 0) return undefined;
      const keys = items.map((item: unknown) => one.read(item));
      return keys.every((key) => key?.reveal().includes(',') === false) ? (keys as readonly Secret[]) : undefined;
    },
  };
}

/** An http(s) address without user, query or fragment, and not one where a cloud machine keeps its credentials. */
export function baseUrl(): Format<string> {
  return {
    description: 'an http(s) address without user, query or fragment, such as https://api.example.com/v1',
    schema: { type: 'string', pattern: '^\\s*[hH][tT][tT][pP][sS]?://' },
    read: (value) => (typeof value === 'string' ? readBase(value) : undefined),
    shown: withoutSecrets,
  };
}

/** How requests reach their servers: by the environment's proxy, directly, or by a proxy of this address. */
export const proxySetting: Format<string | false> = {
  description: '"env", false, or the address of a proxy, such as http://USER:PASSWORD@HOST:PORT',
  schema: { type: ['string', 'boolean'] },
  read: (value) => {
    if (value === 'env') return value;
    if (value === false || value === 'false') return false;
    return typeof value === 'string' && readProxy(value, '') !== undefined ? value : undefined;
  },
  shown: (value) => (typeof value === 'string' ? withoutUser(value) : value),
};

function inRange(value: number, least: number, most: number): number | undefined {
  return value >= least && value <= most ? value : undefined;
}
