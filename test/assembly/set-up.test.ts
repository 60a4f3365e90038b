import { afterEach, describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { InterceptorDefinition, PipelineOptions } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin, PluginHost } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { ManualClock, MemorySink, startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { failureOf, pipelineTo } from '../support/pipelines.js';
import { aPlugin, aProvider, still } from '../plugins/a-plugin.js';

const emulators: Emulator[] = [];
afterEach(() => Promise.all(emulators.splice(0).map((emulator) => emulator.close())));

async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ words: 5, ...options });
  emulators.push(emulator);
  return emulator;
}

const build = (plugins: readonly Plugin[], options: PipelineOptions = {}) =>
  createPipeline({ plugins: [still, ...plugins], environment: {}, ...options });
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('setting plugins up', () => {
  it('follows the order of the list, each plugin after its dependencies', async () => {
    const order: string[] = [];
    const noted = (name: string, ...dependsOn: readonly string[]) =>
      aPlugin(name, () => void order.push(name), dependsOn);
    const pipeline = await build([noted('a', 'c', 'b'), noted('b'), noted('c', 'd'), noted('d'), noted('e')]);
    expect(order).toEqual(['d', 'c', 'b', 'a', 'e']);
    await pipeline.dispose();
  });

  it('waits for one plugin before it starts the next', async () => {
    const order: string[] = [];
    const slow = aPlugin('slow', async () => {
      order.push('slow begins');
      await pause(5);
      order.push('slow ends');
    });
    const pipeline = await build([slow, aPlugin('next', () => void order.push('next'))]);
    expect(order).toEqual(['slow begins', 'slow ends', 'next']);
    await pipeline.dispose();
  });

  it('is undone in reverse order on dispose, once, however often it is called', async () => {
    const order: string[] = [];
    const noted = (name: string) =>
      aPlugin(name, (host) => {
        host.onDispose(() => void order.push(`${name} 1`));
        host.onDispose(async () => {
          await pause(1);
          order.push(`${name} 2`);
        });
      });
    const pipeline = await build([noted('a'), noted('b')]);
    await Promise.all([pipeline.dispose(), pipeline.dispose()]);
    await pipeline.dispose();
    expect(order).toEqual(['b 2', 'b 1', 'a 2', 'a 1']);
  });

  it('is undone completely though a step fails, and reports the failures', async () => {
    const order: string[] = [];
    const failing = aPlugin('failing', (host) =>
      host.onDispose(() => {
        throw new Error('stuck');
      }),
    );
    const pipeline = await build([aPlugin('a', (host) => host.onDispose(() => void order.push('a'))), failing]);
    await expect(pipeline.dispose()).rejects.toMatchObject({ errors: [expect.objectContaining({ message: 'stuck' })] });
    expect(order).toEqual(['a']);
  });

  it('closes sinks before the resources of plugins, each flushed and closed though flushing fails', async () => {
    const order: string[] = [];
    const sinkOf = (name: string, flush: () => Promise<void>) =>
      aPlugin(name, (host) => {
        host.addStatSink({
          name,
          record: () => undefined,
          flush,
          close: () => Promise.resolve(void order.push(`${name} closed`)),
        });
        host.onDispose(() => void order.push(`${name} disposed`));
      });
    const pipeline = await build([
      sinkOf('a', () => Promise.resolve(void order.push('a flushed'))),
      sinkOf('b', () => Promise.reject(new Error('no route'))),
    ]);
    await pipeline.dispose();
    expect(order).toEqual(['b closed', 'a flushed', 'a closed', 'b disposed', 'a disposed']);
  });
});

describe('a setup that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
    [
      'throws what is no error',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- as careless code may do
        throw 'no disk';
      },
    ],
  ])('because it %s names its plugin, and earlier setups are undone in reverse order', async (_, setup) => {
    const order: string[] = [];
    const noted = (name: string) =>
      aPlugin(name, (host) => {
        host.onDispose(() => void order.push(name));
        host.addStatSink({
          name,
          record: () => undefined,
          close: () => Promise.resolve(void order.push(`${name}'s sink`)),
        });
      });
    const partly = aPlugin('partly', (host) => {
      host.onDispose(() => void order.push('partly'));
      return setup();
    });
    const error = await failureOf(build([noted('a'), noted('b'), partly, noted('never')]));
    expect(error).toMatchObject({ code: 'configuration', message: 'Plugin "partly" failed to set up: no disk' });
    expect(order).toEqual(["b's sink", "a's sink", 'partly', 'b', 'a']);
  });

  it('leaves no socket and no timer', async () => {
    const emulator = await anEmulator();
    const clock = new CountingClock();
    const talking = aPlugin('talking', async (host) => {
      const timer = setInterval(() => undefined, 1_000);
      host.onDispose(() => clearInterval(timer));
      const controller = new AbortController();
      host.onDispose(() => controller.abort());
      const response = await fetch(`${emulator.url}/models`, {
        signal: controller.signal,
        headers: { connection: 'close' },
      });
      await response.text();
    });
    const error = await failureOf(
      pipelineTo(
        emulator.url,
        {},
        {
          plugins: [
            talking,
            aPlugin('failing', () => {
              throw new Error('no');
            }),
          ],
          register: (container) => container.register(tokens.CLOCK, { useValue: clock }),
        },
      ),
    );
    expect(error.message).toContain('Plugin "failing"');
    await eventually(() => emulator.openSockets() === 0);
    expect(clock.pending).toBe(0);
  });

  it('leaves no usable pipeline, though nothing else is wrong: the next one is built from scratch', async () => {
    let fails = true;
    const moody = aPlugin('moody', () => {
      if (fails) throw new Error('not yet');
    });
    await failureOf(build([moody]));
    fails = false;
    await (await build([moody])).dispose();
  });

  it('by taking longer than 30 s is aborted, reported and undone', async () => {
    const clock = new ManualClock();
    const order: string[] = [];
    let finish = (): void => undefined;
    const never = aPlugin('never', async (host) => {
      host.onDispose(() => void order.push('undone'));
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      host.addProvider(aProvider('late'));
    });
    const work = failureOf(
      build([never], { register: (container) => container.register(tokens.CLOCK, { useValue: clock }) }),
    );
    await eventually(() => clock.pending === 1);
    clock.advance(29_999);
    expect(order).toEqual([]);
    clock.advance(1);
    expect(await work).toMatchObject({
      code: 'configuration',
      message: 'Plugin "never" failed to set up: it took longer than 30 s',
    });
    expect(order).toEqual(['undone']);
    expect(clock.pending).toBe(0);
    finish();
    await pause(1);
  });

  it('keeps no timer of its limit when it is in time', async () => {
    const clock = new ManualClock();
    const pipeline = await build([aPlugin('quick')], {
      register: (container) => container.register(tokens.CLOCK, { useValue: clock }),
    });
    expect(clock.pending).toBe(0);
    await pipeline.dispose();
  });
});

describe('the host', () => {
  it.each([
    'addProvider',
    'addInterceptor',
    'addStatSink',
    'addTransport',
    'wrapTransport',
    'addCommand',
    'onDispose',
  ] as const)('has its %s sealed after setup', async (method) => {
    let kept: PluginHost<object> | undefined;
    const pipeline = await build([
      aPlugin('keeper', (host) => {
        kept = host;
      }),
    ]);
    expect(() => (kept as unknown as Record<string, () => void>)[method]!()).toThrow(
      `Plugin "keeper" called ${method} after its setup had ended; do it inside setup.`,
    );
    await pipeline.dispose();
  });

  it('keeps its configuration and its logger open', async () => {
    let kept: PluginHost<object> | undefined;
    const pipeline = await build([
      aPlugin('keeper', (host) => {
        kept = host;
      }),
    ]);
    expect(kept!.config).toEqual({});
    kept!.logger.debug('still here');
    await pipeline.dispose();
  });

  it('gives two instances separate configurations, and sends generations to the named one', async () => {
    const [one, two] = [await anEmulator(), await anEmulator({ apiKey: 'k-two' })];
    const sink = new MemorySink();
    const pipeline = await createPipeline({
      plugins: [
        openrouter({ apiKey: 'k-one', baseUrl: one.url }),
        openrouter({ id: 'second', baseUrl: two.url }),
        aPlugin('sink', (host) => host.addStatSink(sink)),
      ],
      config: { defaults: { model: 'a/model' }, plugins: { second: { apiKey: 'k-two' } } },
      environment: {},
    });
    await pipeline.generate({ prompt: 'One.' });
    await pipeline.generate({ prompt: 'Two.', provider: 'second' });
    expect([one.requests.length, two.requests.length]).toEqual([1, 1]);
    expect(sink.generations.map(({ provider }) => provider)).toEqual(['openrouter', 'second']);
    await pipeline.dispose();
  });

  it('rejects two providers with one id', async () => {
    const error = await failureOf(build([aPlugin('again', (host) => host.addProvider(aProvider()))]));
    expect(error.message).toBe('Two providers have the id "still". Give one of their plugins another id.');
  });

  it("places interceptors of plugins behind the built-in ones and before the caller's, in plugin order", async () => {
    const passing = (name: string): InterceptorDefinition => ({
      name,
      phase: 'observe',
      intercept: (request, next) => next(request),
    });
    const adding = (name: string) => aPlugin(name, (host) => host.addInterceptor(passing(`of-${name}`)));
    const pipeline = await build([adding('a'), adding('b')], {
      interceptors: [passing('own'), { ...passing('near'), after: 'of-a' }],
    });
    expect(
      pipeline
        .describe()
        .filter(({ phase }) => phase === 'observe')
        .map(({ name }) => name),
    ).toEqual(['logging', 'metrics', 'of-a', 'near', 'of-b', 'own']);
    await pipeline.dispose();
  });
});

describe('a pipeline without any provider', () => {
  it('is rejected with the line that adds one', async () => {
    const none = definePlugin({ name: 'none', apiVersion: 1, setup: () => undefined });
    expect((await failureOf(createPipeline({ plugins: [none], environment: {} }))).message).toContain(
      'Pass a plugin that adds one: createPipeline({ plugins: [...] })',
    );
  });
});
