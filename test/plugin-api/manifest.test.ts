import { describe, expect, it } from '@jest/globals';
import { ConfigError, createPipeline } from 'scriptorium';
import { definePlugin, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { failureOf } from '../support/pipelines.js';
import { aPlugin, still } from '../plugins/a-plugin.js';

const define = (manifest: object) => () =>
  definePlugin({ name: 'x', apiVersion: 1, setup: () => undefined, ...manifest });
const refusalOf = (...plugins: readonly unknown[]) =>
  failureOf(createPipeline({ plugins: [still, ...(plugins as Plugin[])], environment: {} }));

describe('definePlugin', () => {
  it.each(['', 'Book', 'my_plugin', '9lives', '-x', 'my plugin', '__proto__', 5, null])(
    'rejects %j as a name and reports the valid format',
    (name) => {
      expect(define({ name })).toThrow(
        /^The plugin name .* must be lower-case letters, digits and dashes, starting with a letter/,
      );
      expect(define({ name })).toThrow(ConfigError);
    },
  );

  it.each(['Second', 'a.b', ''])('rejects %j as an id', (id) => {
    expect(define({ id })).toThrow(/^The plugin id .* must be lower-case letters/);
  });

  it.each(['constructor', 'prototype', 'format', 'default'])('rejects the reserved name %s, also as an id', (name) => {
    expect(define({ name })).toThrow(`The plugin name "${name}" is reserved. Choose another.`);
    expect(define({ id: name })).toThrow(`The plugin id "${name}" is reserved. Choose another.`);
  });

  it.each(['format', 'default', 'constructor', 'prototype', '__proto__'])('rejects the configuration key %s', (key) => {
    const config = Object.fromEntries([[key, { doc: 'x', format: whole(0), default: 0 }]]);
    expect(define({ config })).toThrow(
      `Plugin "x" has a configuration key "${key}", which is a reserved name. Choose another.`,
    );
  });

  it("rejects a variable for a key that does not exist, or is a plugin's", () => {
    const declare = (key: string) => () =>
      definePlugin({ name: 'x', apiVersion: 1, environment: { X_MOST: { key, scale: 2 } }, setup: () => undefined });
    expect(declare('defaults.maxTokns')).toThrow(
      new ConfigError(
        'Plugin "x" declares the variable X_MOST for "defaults.maxTokns", which is not a key of the configuration outside plugins. Did you mean "defaults.maxTokens"?',
      ),
    );
    expect(declare('plugins.other.size')).toThrow(ConfigError);
    expect(declare('defaults.maxTokens')).not.toThrow();
  });

  it.each(['a.b', 'with blank', '1st', ''])('rejects the configuration key %j', (key) => {
    expect(define({ config: { [key]: { doc: 'x', format: whole(0), default: 0 } } })).toThrow(
      /^Plugin "x" has a configuration key .*such as "maxItems"/,
    );
  });

  it("treats an id among the factory's options as the instance's, not as a key", async () => {
    const options = { id: 'second', size: 3 };
    const seen: unknown[] = [];
    const plugin = definePlugin({
      name: 'sized',
      id: options.id,
      apiVersion: 1,
      options,
      config: { size: { doc: 'A size', format: whole(1), default: 1 } },
      setup: (host) => void seen.push(host.config.size),
    });
    await (await createPipeline({ plugins: [still, plugin], environment: {} })).dispose();
    expect(seen).toEqual([3]);
  });
});

describe('the list of plugins', () => {
  it.each([
    ['a factory that was not called', openrouter, 'The list of plugins contains a function. Call it: openrouter().'],
    [
      'nothing',
      undefined,
      'The list of plugins contains undefined, which is not a plugin. Create one with definePlugin().',
    ],
    [
      'an object of another kind',
      { name: 'x' },
      "The list of plugins contains { name: 'x' }, which is not a plugin. Create one with definePlugin().",
    ],
  ])('is rejected with %s', async (_, plugin, message) => {
    expect(await refusalOf(plugin)).toMatchObject({ code: 'configuration', message });
  });

  it('is rejected with a plugin for another version of the contract, with the version that fits', async () => {
    const { message } = await refusalOf({ ...aPlugin('old'), apiVersion: 2 });
    expect(message).toBe(
      'Plugin "old" requires version 2 of the plugin contract; this is version 1. Install matching releases of the plugin and of scriptorium.',
    );
  });

  it('is rejected with a duplicate id, with a name for the second', async () => {
    const { message } = await refusalOf(aPlugin('twice'), aPlugin('twice'));
    expect(message).toBe('Two plugins have the id "twice". Give one of them another: twice({ id: "twice-2" }).');
  });

  it('is rejected without a dependency, with a list of the present plugins', async () => {
    const { message } = await refusalOf(aPlugin('a', undefined, ['b']));
    expect(message).toBe('Plugin "a" depends on "b", which is missing. Add it to plugins; present: still, a.');
  });

  it.each([
    [[aPlugin('a', undefined, ['a'])], 'a → a'],
    [[aPlugin('a', undefined, ['c']), aPlugin('b', undefined, ['a']), aPlugin('c', undefined, ['b'])], 'a → c → b → a'],
  ])('is rejected with a dependency cycle, which is shown', async (plugins, circle) => {
    expect((await refusalOf(...plugins)).message).toBe(`Circular plugin dependency: ${circle}. Remove one dependsOn.`);
  });

  it('is rejected before any plugin is set up', async () => {
    let setUps = 0;
    await refusalOf(
      aPlugin('first', () => {
        setUps += 1;
      }),
      aPlugin('lost', undefined, ['nobody']),
    );
    expect(setUps).toBe(0);
  });
});
