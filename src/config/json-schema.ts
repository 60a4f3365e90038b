import { isSecret } from './fragment.js';
import type { Key } from './keys.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

interface Node {
  readonly [name: string]: Node | Key;
}

/**
 * The JSON Schema of a configuration file with these keys. No key is required there, since the environment may set it. Sections of
 * plugins that are not known may hold anything.
 */
export function jsonSchemaOf(keys: readonly Key[]): JsonSchema {
  const root: Node = { plugins: {}, ...treeOf(keys) };
  const schema = sectionOf(root);
  const { plugins, ...sections } = schema.properties;
  return {
    $schema: DIALECT,
    title: 'Configuration of Scriptorium',
    ...schema,
    properties: {
      $schema: { type: 'string', description: 'Where this schema is, for editors' },
      ...sections,
      plugins: { ...plugins, additionalProperties: { type: 'object' } },
    },
  };
}

function treeOf(keys: readonly Key[]): Node {
  const root: Record<string, unknown> = {};
  for (const key of keys) {
    const names = key.path.split('.');
    const last = names.pop() ?? '';
    let section = root;
    for (const name of names) section = (section[name] ??= {}) as Record<string, unknown>;
    section[last] = key;
  }
  return root as Node;
}

function sectionOf(node: Node): JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> } {
  const properties = Object.entries(node).map(([name, part]) => [name, isKey(part) ? keyOf(part) : sectionOf(part)]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as Readonly<Record<string, JsonSchema>>,
    additionalProperties: false,
  };
}

function isKey(part: Node | Key): part is Key {
  return typeof part.path === 'string';
}

function keyOf({ entry, format }: Key): JsonSchema {
  const { doc, default: preset } = entry;
  const schema = format.schema ?? {};
  return {
    description: `${doc}; ${format.description}`,
    ...(preset !== null && !isSecret(format) && { default: preset }),
    ...(preset === null ? { anyOf: [schema, { type: 'null' }] } : schema),
  };
}
