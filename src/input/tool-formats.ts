import type { Format } from '../config/formats.js';
import { isSection } from '../config/is-section.js';

/** Names of tools and schemas that all vendors accept. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Format of `tools`. */
export const toolsFormat: Format<unknown> = {
  description:
    'a non-empty list of { name, description?, parameters?: a JSON Schema } with unique names of at most 64 letters, digits, "_" and "-"',
  read: (value) => {
    if (!Array.isArray(value) || value.length === 0 || !value.every(isTool)) return undefined;
    return new Set(value.map(({ name }) => name)).size === value.length ? value : undefined;
  },
};

/** Format of `toolChoice`. */
export const toolChoiceFormat: Format<unknown> = {
  description: '"auto", "none", "required" or { name: the name of a tool }',
  read: (value) =>
    value === 'auto' || value === 'none' || value === 'required' || (isRecord(value) && isName(value.name))
      ? value
      : undefined,
};

/** Format of `responseFormat`. */
export const responseFormatFormat: Format<unknown> = {
  description: '{ type: "text" }, { type: "json" } or { type: "json-schema", name, schema }',
  read: (value) => {
    if (!isRecord(value)) return undefined;
    const isKnown =
      value.type === 'text' ||
      value.type === 'json' ||
      (value.type === 'json-schema' && isName(value.name) && isSection(value.schema));
    return isKnown ? value : undefined;
  },
};

function isTool(value: unknown): value is { readonly name: string } {
  if (!isRecord(value) || !isName(value.name)) return false;
  const isDescribed = value.description === undefined || typeof value.description === 'string';
  return (
    isDescribed &&
    (value.parameters === undefined || isSection(value.parameters)) &&
    (value.strict === undefined || typeof value.strict === 'boolean')
  );
}

/** Whether a value is a valid name: at most 64 letters, digits, `_` and `-`. */
export function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isSection(value);
}
