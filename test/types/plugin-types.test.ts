import { describe, expect, it } from '@jest/globals';
import { definePlugin, list, whole } from 'scriptorium/plugin';
import type { PluginHost } from 'scriptorium/plugin';
import { resolved } from '../config/sources.js';

interface BoxOptions {
  readonly id?: string;
  readonly size?: number;
  readonly labels?: readonly string[];
}

/** A factory as the documentation shows it: its options, the id among them, are handed on as they are. */
const box = (options: BoxOptions = {}, seen: unknown[] = []) =>
  definePlugin({
    name: 'box',
    id: options.id,
    apiVersion: 1,
    dependsOn: [],
    config: {
      size: { doc: 'A size', format: whole(1), default: 1 },
      labels: { doc: 'Labels', format: list, default: [] },
    },
    options,
    setup(host) {
      const size: number = host.config.size;
      const labels: readonly string[] = host.config.labels;
      // @ts-expect-error no such key
      const colour: unknown = host.config.colour;
      const change = (): void => {
        // @ts-expect-error configuration is read-only
        host.config.size = 2;
      };
      // @ts-expect-error a plugin never gets the pipeline
      const pipeline: unknown = host.pipeline;
      const redacted: string = host.redact('a text');
      const now: number = host.clock.now();
      const stop = (): void => {
        // @ts-expect-error the clock is the pipeline's
        host.clock = { now: () => now };
      };
      seen.push(size, labels, colour, pipeline, change, redacted, stop);
    },
  });

describe('the types of a plugin', () => {
  it('let a factory hand its options on, an optional id among them', () => {
    const { id, name, config, options } = box({ id: 'crate', size: 3 });
    expect({ id, name, options }).toEqual({ id: 'crate', name: 'box', options: { size: 3 } });
    expect(resolved({ plugins: [{ id, name, fragment: config, options }] }).values.plugins.crate).toEqual({
      size: 3,
      labels: [],
    });
  });

  it('are read off the fragment where setup uses the configuration', () => {
    const seen: unknown[] = [];
    void box({}, seen).setup({
      config: { size: 4, labels: ['a'] },
      redact: (text: string) => text,
      clock: { now: () => 1 },
    } as unknown as PluginHost<unknown>);
    expect(seen.slice(0, 4)).toEqual([4, ['a'], undefined, undefined]);
  });

  it('refuse a manifest that lacks something, or has something else', () => {
    const setup = (): void => undefined;
    const makers = [
      // @ts-expect-error a name is missing
      () => definePlugin({ apiVersion: 1, setup }),
      // @ts-expect-error a setup is missing
      () => definePlugin({ name: 'x', apiVersion: 1 }),
      // @ts-expect-error another version of the contract
      () => definePlugin({ name: 'x', apiVersion: 2, setup }),
      // @ts-expect-error a key without documentation
      () => definePlugin({ name: 'x', apiVersion: 1, config: { size: { format: whole(1), default: 1 } }, setup }),
      () =>
        definePlugin({
          name: 'x',
          apiVersion: 1,
          // @ts-expect-error no such short name of a format
          config: { size: { doc: 'A size', format: 'natural', default: 1 } },
          setup,
        }),
    ];
    expect(makers).toHaveLength(5);
  });
});
