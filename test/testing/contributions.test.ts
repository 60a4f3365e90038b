import { describe, expect, it } from '@jest/globals';
import { EMPTY } from 'rxjs';
import { definePlugin } from 'scriptorium/plugin';
import type { Capabilities, GenerationRequest, Plugin, PluginHost, Provider, StatSink } from 'scriptorium/plugin';
import { aRequest, chatDialect, PROVIDER_PROMISES, providerOf, sinkOf } from 'scriptorium/testing';

/** A plugin without configuration, and what of it has been disposed. */
function aPlugin(setup: (host: PluginHost<unknown>) => void | Promise<void>): {
  readonly plugin: Plugin;
  readonly ended: string[];
} {
  const ended: string[] = [];
  const plugin = definePlugin({
    name: 'bare',
    apiVersion: 1,
    setup: (host) => {
      for (const step of ['first', 'second']) host.onDispose(() => void ended.push(step));
      return setup(host);
    },
  });
  return { plugin, ended };
}

/** As a class, with a secret of its own and a `dispose` that is not the plugin's. */
class OwnProvider implements Provider {
  readonly id = 'own';
  readonly #known = 'a-model';
  readonly catalogue = { models: () => Promise.resolve([{ id: this.#known }]) };
  isDisposed = false;

  generate(): ReturnType<Provider['generate']> {
    return EMPTY;
  }

  capabilities({ model }: Pick<GenerationRequest, 'model'>): Capabilities {
    return { prefill: model === this.#known ? 'exact' : 'none' };
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

const sinkCalled = (name: string, ended: string[] = []): StatSink => ({
  name,
  record: () => undefined,
  close: () => Promise.resolve(void ended.push(`sink ${name}`)),
});

describe('what a plugin adds, without a pipeline around it', () => {
  it('is had of a plugin without configuration', async () => {
    expect((await sinkOf(aPlugin((host) => host.addStatSink(sinkCalled('one'))).plugin)).name).toBe('one');
    expect((await providerOf(aPlugin((host) => host.addProvider(new OwnProvider())).plugin)).id).toBe('own');
  });

  it('is configured by an empty section as by none', async () => {
    let seen: unknown;
    await sinkOf(
      aPlugin((host) => {
        seen = host.config;
        host.addStatSink(sinkCalled('one'));
      }).plugin,
      { config: {} },
    );
    expect(seen).toEqual({});
  });

  it('is disposed, once, with the sink that is closed', async () => {
    const { plugin, ended } = aPlugin((host) => host.addStatSink(sinkCalled('one', ended)));
    const sink = await sinkOf(plugin);
    await sink.close?.();
    await sink.close?.();
    expect(ended).toEqual(['sink one', 'second', 'first']);
  });

  it('is disposed even where a sink fails to close, which is told', async () => {
    const { plugin, ended } = aPlugin((host) =>
      host.addStatSink({ ...sinkCalled('one'), close: () => Promise.reject(new Error('no route')) }),
    );
    await expect((await sinkOf(plugin)).close?.()).rejects.toThrow('no route');
    expect(ended).toEqual(['second', 'first']);
  });

  it.each<[string, readonly string[], string]>([
    ['none', [], 'The plugin "bare" adds 0 sinks; expected one.'],
    ['several', ['one', 'two'], 'The plugin "bare" adds 2 sinks; expected one.'],
  ])('is disposed where there is %s', async (_what, names, message) => {
    const { plugin, ended } = aPlugin((host) => names.forEach((name) => host.addStatSink(sinkCalled(name, ended))));
    await expect(sinkOf(plugin)).rejects.toThrow(message);
    expect(ended).toEqual([...names.map((name) => `sink ${name}`), 'second', 'first']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no port');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no port'))],
  ])('is disposed where its setup %s', async (_what, fail) => {
    const { plugin, ended } = aPlugin(fail);
    await expect(providerOf(plugin)).rejects.toThrow('no port');
    expect(ended).toEqual(['second', 'first']);
  });
});

describe('the provider that a plugin adds', () => {
  it('disposes the plugin, and does what it does in a pipeline', async () => {
    const own = new OwnProvider();
    const { plugin, ended } = aPlugin((host) => {
      host.addProvider(own);
      host.onDispose(() => own.dispose());
    });
    const provider = await providerOf(plugin);
    expect({
      known: provider.capabilities?.(aRequest({ model: 'a-model' })),
      unknown: provider.capabilities?.(aRequest({ model: 'b' })),
      catalogue: provider.catalogue,
      hasLimitKeys: 'limitKeys' in provider,
    }).toEqual({
      known: { prefill: 'exact' },
      unknown: { prefill: 'none' },
      catalogue: own.catalogue,
      hasLimitKeys: false,
    });
    await provider.dispose();
    expect([own.isDisposed, ended]).toEqual([true, ['second', 'first']]);
  });

  it('is disposed after each proof, kept or broken', async () => {
    const { plugin, ended } = aPlugin((host) => host.addProvider(new OwnProvider()));
    const [check] = Object.values(PROVIDER_PROMISES);
    await expect(check?.({ make: () => providerOf(plugin), dialect: chatDialect })).rejects.toThrow();
    expect(ended).toEqual(['second', 'first']);
  });
});
