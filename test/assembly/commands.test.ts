import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { ConfigError, pluginCommands } from 'scriptorium';
import type { Pipeline, PipelineOptions, RunnableCommand } from 'scriptorium';
import { definePlugin, text } from 'scriptorium/plugin';
import type { CommandContext, Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { MemorySink, startEmulator } from 'scriptorium/testing';
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

describe('the context of a command', () => {
  const running = (run: (context: CommandContext) => Promise<number>): Plugin =>
    aPlugin('tool', (host) =>
      host.addCommand({ name: 'tool', description: 'runs', run: (_args, context) => run(context) }),
    );
  const commandOf = async (
    run: (context: CommandContext) => Promise<number>,
    options: PipelineOptions = {},
  ): Promise<{ readonly command: RunnableCommand; readonly dispose: () => Promise<void> }> => {
    const { commands, dispose } = await pluginCommands({
      environment: {},
      ...options,
      plugins: [...(options.plugins ?? []), running(run)],
    });
    return { command: commands[0]!, dispose };
  };

  it('opens pipelines of the same plugins and configuration, and disposes them at the end of the command', async () => {
    const emulator = await startEmulator({ words: 5 });
    const opened: Pipeline[] = [];
    const { command, dispose } = await commandOf(
      async ({ openPipeline, stdout }) => {
        const pipeline = await openPipeline({ config: { defaults: { maxTokens: 7 } } });
        opened.push(pipeline, await openPipeline());
        stdout.write((await pipeline.generate({ prompt: 'Begin.' })).text);
        return 3;
      },
      {
        plugins: [openrouter({ apiKey: 'k', baseUrl: emulator.url })],
        config: { defaults: { model: 'scriptorium/exact', maxTokens: 50 }, logging: { level: 'silent' } },
      },
    );
    const stdout = new PassThrough({ encoding: 'utf8' });
    expect(await command.run([], { stdout })).toBe(3);
    expect(emulator.requests.map(({ body }) => body)).toMatchObject([{ model: 'scriptorium/exact', max_tokens: 7 }]);
    expect(stdout.read()).toMatch(/\w+/);
    for (const pipeline of opened)
      expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'aborted' });
    await dispose();
    await emulator.close();
  });

  it('take the defaults of the command only where neither a file nor the environment says anything', async () => {
    const opened: Pipeline[] = [];
    const defaults = { defaults: { temperature: 0.1, topP: 0.2, maxTokens: 3 } };
    const { command, dispose } = await commandOf(
      async ({ openPipeline }) => {
        opened.push(await openPipeline({ defaults, config: { defaults: { maxTokens: 4 } } }));
        expect(opened[0]!.check({ prompt: 'Begin.' }).input).toMatchObject({
          temperature: 0.1,
          topP: 0.5,
          maxTokens: 4,
        });
        return 0;
      },
      {
        plugins: [openrouter({ apiKey: 'k', model: 'm' })],
        configFiles: [{ source: 'a file', values: { defaults: { topP: 0.5 } } }],
      },
    );
    expect(await command.run([])).toBe(0);
    await dispose();
  });

  it('disposes pipelines of a command that throws, also those that are still being opened', async () => {
    let opening: Promise<Pipeline> | undefined;
    const { command, dispose } = await commandOf(
      ({ openPipeline }) => {
        opening = openPipeline();
        return Promise.reject(new Error('out of order'));
      },
      { plugins: [openrouter({ apiKey: 'k' })] },
    );
    await expect(command.run([])).rejects.toThrow('out of order');
    expect(await failureOf((await opening!).generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'aborted' });
    await dispose();
  });

  it('opens nothing after the end of the command', async () => {
    let context: CommandContext | undefined;
    const { command, dispose } = await commandOf((given) => {
      context = given;
      return Promise.resolve(0);
    });
    await command.run([]);
    expect(await failureOf(context!.openPipeline())).toBeInstanceOf(ConfigError);
    await dispose();
  });

  it('rejects with the missing key of a plugin that the command itself does not need', async () => {
    const { command, dispose } = await commandOf(({ openPipeline }) => openPipeline().then(() => 0), {
      plugins: [openrouter()],
    });
    expect((await failureOf(command.run([]))).message).toContain('set OPENROUTER_API_KEY');
    await dispose();
  });

  it('names the command as the source of a value that it sets', async () => {
    const { command, dispose } = await commandOf(({ openPipeline }) =>
      openPipeline({ config: { retry: { maxAttempts: 0 } } }).then(() => 0),
    );
    expect((await failureOf(command.run([]))).message).toContain('retry.maxAttempts (from the command "tool") is 0');
    await dispose();
  });

  it("has the process's streams and a signal that is not aborted unless it is given others", async () => {
    const seen: CommandContext[] = [];
    const { command, dispose } = await commandOf((context) => Promise.resolve(seen.push(context)));
    const { signal } = new AbortController();
    await command.run([]);
    await command.run([], { signal });
    expect(seen[0]).toMatchObject({ stdout: process.stdout, stderr: process.stderr, signal: { aborted: false } });
    expect(seen[1]!.signal).toBe(signal);
    await dispose();
  });
});
