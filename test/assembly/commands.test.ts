import { describe, expect, it } from '@jest/globals';
import { pluginCommands } from 'scriptorium';
import { definePlugin, text } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { MemorySink } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';
import { aPlugin } from '../plugins/a-plugin.js';

/** A plugin with a command of its name that gives the number of its arguments. */
const counting = (name: string, dependsOn: readonly string[] = []): Plugin =>
  aPlugin(
    name,
    (host) => host.addCommand({ name, description: `counts for ${name}`, run: (args) => Promise.resolve(args.length) }),
    dependsOn,
  );

describe('the commands of plugins', () => {
  it('are available without a provider, and run', async () => {
    const { commands, leftOut, dispose } = await pluginCommands({ plugins: [counting('count')], environment: {} });
    expect(commands.map(({ name, description }) => `${name}: ${description}`)).toEqual(['count: counts for count']);
    expect(await commands[0]!.run(['a', 'b'])).toBe(2);
    expect(leftOut).toEqual([]);
    await dispose();
  });

  it('do not need the key of another plugin, which is left out together with its dependants', async () => {
    const { commands, leftOut, dispose } = await pluginCommands({
      plugins: [openrouter(), counting('needy', ['openrouter']), counting('free')],
      environment: {},
    });
    expect(commands.map(({ name }) => name)).toEqual(['free']);
    const problems = [expect.stringContaining('plugins.openrouter.apiKey (OpenRouter API key) is required')];
    expect(leftOut).toEqual([
      { id: 'openrouter', problems },
      { id: 'needy', problems },
    ]);
    await dispose();
  });

  it('are all available with the key', async () => {
    const { commands, dispose } = await pluginCommands({
      plugins: [openrouter(), counting('needy', ['openrouter'])],
      environment: { OPENROUTER_API_KEY: 'k' },
    });
    expect(commands.map(({ name }) => name)).toEqual(['needy']);
    await dispose();
  });

  it('come from configured plugins, which are closed with their sinks, in reverse order', async () => {
    const order: string[] = [];
    const sink = Object.assign(new MemorySink('sink'), { close: () => Promise.resolve(void order.push('sink')) });
    const greeter = definePlugin({
      name: 'greeter',
      apiVersion: 1,
      config: { greeting: { doc: 'What it says', format: text, default: 'Hello' } },
      setup: (host) => {
        host.addStatSink(sink);
        host.onDispose(() => void order.push('plugin'));
        host.addCommand({ name: 'greet', description: host.config.greeting, run: () => Promise.resolve(0) });
      },
    });
    const { commands, dispose } = await pluginCommands({
      plugins: [greeter],
      environment: { SCRIPTORIUM_PLUGINS_GREETER_GREETING: 'Good day' },
    });
    expect(commands[0]!.description).toBe('Good day');
    await dispose();
    expect(order).toEqual(['sink', 'plugin']);
  });

  it('are rejected if something else is wrong', async () => {
    expect(
      await failureOf(
        pluginCommands({ plugins: [counting('count')], environment: {}, config: { retry: { maxAttempts: 0 } } }),
      ),
    ).toMatchObject({
      code: 'configuration',
      problems: [expect.stringContaining('retry.maxAttempts')],
    });
  });
});
