import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { describeConfig } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { packagePlugins } from '../../src/cli/package-plugins.js';

const ROOT = new URL('../../', import.meta.url);
const SHIPPED = new URL('assets/config.schema.json', ROOT);

let schema: object;
let fits: ValidateFunction;
beforeAll(async () => {
  schema = (await describeConfig({ plugins: await packagePlugins(new Set()), environment: {} })).schema();
  fits = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
});

const read = (url: URL): string => readFileSync(url, 'utf8');

/** The configurations in the pages: JSON blocks of one object. */
function examplesIn(page: string): readonly string[] {
  const blocks = read(new URL(page, ROOT)).matchAll(/^```json\n(.*?)^```$/gms);
  return [...blocks].map(([, block = '']) => block).filter((block) => !block.includes('"custom_id"'));
}

const PAGES = [
  ...readdirSync(fileURLToPath(new URL('docs', ROOT))).map((name) => `docs/${name}`),
  ...readdirSync(fileURLToPath(new URL('plugins', ROOT))).map((name) => `plugins/${name}/README.md`),
].filter((page) => page.endsWith('.md') && examplesIn(page).length > 0);

describe('the JSON Schema of the configuration', () => {
  it('ships as it is generated', () => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (process.env.UPDATE_DOCS) writeFileSync(SHIPPED, text);
    expect(read(SHIPPED)).toBe(text);
  });

  it.each(PAGES)('takes the examples of %s', (page) => {
    for (const example of examplesIn(page)) {
      fits(JSON.parse(example));
      expect({ example, errors: fits.errors ?? null }).toEqual({ example, errors: null });
    }
  });

  it.each(readdirSync(fileURLToPath(new URL('config', ROOT))))("takes the package's own %s", (name) => {
    expect(fits(JSON.parse(read(new URL(`config/${name}`, ROOT))))).toBe(true);
  });

  it.each([
    ['$schema', { $schema: './schema.json' }],
    ['a number with a unit', { defaults: { maxTokens: '32k' } }],
    ['null where it is the default', { defaults: { model: null } }],
    ['a strategy for routes', { routes: 'cheapest' }],
    ['a section of a plugin that it does not know', { plugins: { mine: { anything: [1] } } }],
    ['a section in a section', { retry: { budget: { refillPerSecond: 0.5 } } }],
  ])('takes %s', (_, config) => {
    fits(config);
    expect(fits.errors ?? null).toBeNull();
  });

  it.each([
    ['a misspelt section', { retri: {} }],
    ['a misspelt key', { retry: { maxAtempts: 3 } }],
    ['a misspelt key of a plugin', { plugins: { openrouter: { sietTitle: 'x' } } }],
    ['a value out of range', { retry: { maxAttempts: 0 } }],
    ['half of what is whole', { defaults: { maxTokens: 1.5 } }],
    ['a word that is not one of those allowed', { continuity: { onBreak: 'hope' } }],
    ['a text that is no number', { retry: { maxAttempts: 'many' } }],
    ['null where there must be a value', { retry: { maxAttempts: null } }],
    ['a list of plugins within plugins', { plugins: { load: ['x'] } }],
  ])('refuses %s', (_, config) => {
    expect(fits(config)).toBe(false);
  });

  it('describes a plugin whose formats have no schema', async () => {
    const format = { description: 'anything', read: (value: unknown) => value };
    const odd = definePlugin({
      name: 'odd',
      apiVersion: 1,
      config: { depth: { doc: 'How deep', format, default: 3 } },
      setup: () => undefined,
    });
    const { properties } = (await describeConfig({ plugins: [odd], environment: {} })).schema() as {
      readonly properties: { readonly plugins: { readonly properties: Readonly<Record<string, unknown>> } };
    };
    expect(properties.plugins.properties[odd.id]).toMatchObject({
      properties: { depth: { default: 3, description: expect.stringContaining('How deep') } },
    });
  });
});
