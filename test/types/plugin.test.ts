import { describe, expect, it } from '@jest/globals';
import { Secret } from 'scriptorium';
import { definePlugin, oneOf, secret, whole } from 'scriptorium/plugin';
import type { ConfigOf, PluginHost } from 'scriptorium/plugin';

/** True only if both types are the same, readonly marks included. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- only so does the compiler compare exactly, `any` and readonly included
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const CONFIG = {
  name: { doc: 'A text', format: String, default: 'x' },
  count: { doc: 'A number', format: Number, default: 1 },
  port: { doc: 'A number by its short name', format: 'port', default: 0 },
  isOn: { doc: 'A flag', format: Boolean, default: false },
  mode: { doc: 'A list of choices', format: ['fast', 'slow'], default: 'fast' },
  level: { doc: 'A format of ours', format: oneOf('low', 'high'), default: 'low' },
  apiKey: { doc: 'A secret that may be missing', format: secret(), default: null },
  limit: { doc: 'A number that may be missing', format: whole(1), default: null },
  host: { doc: 'A text that must be given', format: String, default: null, required: true },
} as const;

interface Expected {
  readonly name: string;
  readonly count: number;
  readonly port: number;
  readonly isOn: boolean;
  readonly mode: 'fast' | 'slow';
  readonly level: 'low' | 'high';
  readonly apiKey: Secret | null;
  readonly limit: number | null;
  readonly host: string;
}

const VALUES: Expected = {
  name: 'n',
  count: 2,
  port: 80,
  isOn: true,
  mode: 'slow',
  level: 'high',
  apiKey: new Secret('key-1'),
  limit: null,
  host: 'h',
};

/** Sets a plugin up with this configuration, as the pipeline does. */
function setUp(plugin: ReturnType<typeof definePlugin>, config: unknown): void {
  void plugin.setup({ config } as PluginHost<unknown>);
}

describe('the configuration that a plugin is given', () => {
  it('has the types of its fragment, inferred without a word from the author', () => {
    const seen: unknown[] = [];
    const plugin = definePlugin({
      name: 'typed',
      apiVersion: 1,
      config: {
        name: { doc: 'A text', format: String, default: 'x' },
        mode: { doc: 'A list of choices', format: ['fast', 'slow'], default: 'fast' },
        level: { doc: 'A format of ours', format: oneOf('low', 'high'), default: 'low' },
        port: { doc: 'A number by its short name', format: 'port', default: 0 },
        apiKey: { doc: 'A secret', format: secret(), default: null },
      },
      setup: ({ config }) => {
        const name: string = config.name;
        const mode: 'fast' | 'slow' = config.mode;
        const level: 'low' | 'high' = config.level;
        const port: number = config.port;
        const key: string = config.apiKey === null ? 'none' : config.apiKey.reveal();
        seen.push(name, mode, level, port, key);
        // @ts-expect-error a text is no number
        const wrong: number = config.name;
        // @ts-expect-error 'medium' is none of the choices
        const other = config.level === 'medium';
        // @ts-expect-error a key without a default may be missing
        const missing = (): string => config.apiKey.reveal();
        // @ts-expect-error no such key
        seen.push(wrong, other, typeof missing, config.nmae);
      },
    });
    setUp(plugin, VALUES);
    expect(seen).toEqual(['n', 'slow', 'high', 80, 'key-1', 'n', false, 'function', undefined]);
  });

  it('is exactly what its fragment says: text, numbers, choices, secrets, and null where that is the default', () => {
    const proofs: readonly true[] = [
      true satisfies Same<ConfigOf<typeof CONFIG>, { [K in keyof Expected]: Expected[K] }>,
      // @ts-expect-error it is a number, not anything
      true satisfies Same<ConfigOf<typeof CONFIG>['count'], string>,
      // @ts-expect-error it may be missing
      true satisfies Same<ConfigOf<typeof CONFIG>['apiKey'], Secret>,
    ];
    expect(proofs).toHaveLength(3);
    expect(Object.keys(VALUES)).toEqual(
      Object.keys(definePlugin({ name: 'typed', apiVersion: 1, config: CONFIG, setup: () => undefined }).config),
    );
  });

  it('cannot be changed by the plugin, as its type says', () => {
    const change = ({ config }: PluginHost<ConfigOf<typeof CONFIG>>): void => {
      // @ts-expect-error configuration is read-only
      config.count = 3;
      // @ts-expect-error and so is the whole of it
      Object.assign({}, config).name.length = 0;
    };
    expect(() => change({ config: Object.freeze({ ...VALUES }) } as never)).toThrow(TypeError);
  });
});

describe('the manifest of a plugin', () => {
  const setup = (): void => undefined;

  it('needs a name, a version and a setup, and its options are keys of its configuration', () => {
    const config = { port: { doc: 'A port', format: 'port', default: 0 } } as const;
    expect(definePlugin({ name: 'least', apiVersion: 1, setup })).toMatchObject({
      id: 'least',
      config: {},
      options: {},
    });
    expect(definePlugin({ name: 'with-options', apiVersion: 1, config, options: { port: 1 }, setup }).options).toEqual({
      port: 1,
    });
    // @ts-expect-error no such key in the fragment
    expect(definePlugin({ name: 'misspelt', apiVersion: 1, config, options: { prot: 1 }, setup }).options).toEqual({
      prot: 1,
    });
    // @ts-expect-error a plugin has a setup
    expect(definePlugin({ name: 'idle', apiVersion: 1 }).name).toBe('idle');
    // @ts-expect-error there is only version 1
    expect(definePlugin({ name: 'newer', apiVersion: 2, setup }).apiVersion).toBe(2);
  });

  it('says of every configuration key what it is for', () => {
    const plugin = definePlugin({
      name: 'silent',
      apiVersion: 1,
      // @ts-expect-error a key without `doc`
      config: { port: { format: 'port', default: 0 } },
      setup,
    });
    expect(
      definePlugin({
        name: 'odd',
        apiVersion: 1,
        // @ts-expect-error a format that is none
        config: { port: { doc: 'A port', format: 'prot', default: 0 } },
        setup,
      }).name,
    ).toBe('odd');
    expect(plugin.config).toHaveProperty('port');
  });
});
