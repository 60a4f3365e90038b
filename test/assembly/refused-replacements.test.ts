import { describe, expect, it } from '@jest/globals';
import { createPipeline, pluginCommands, tokens } from 'scriptorium';
import type { PluginHost } from 'scriptorium/plugin';
import { aPlugin, still } from '../plugins/a-plugin.js';
import { failureOf } from '../support/pipelines.js';

type AnyReplace = (token: unknown, part: unknown) => void;

const lease = { isValid: () => true, sent: () => undefined, settle: () => undefined, release: () => undefined };
const limits = { take: () => lease, pause: () => undefined };
const cache = { get: () => undefined, set: () => undefined };
class Cache {
  get = cache.get;
  set = cache.set;
}

/** The reason why the setup of plugin "x" fails. */
async function reasonOf(setup: (host: PluginHost<object>) => void): Promise<string> {
  const { code, message } = await failureOf(
    createPipeline({ environment: {}, plugins: [still, aPlugin('x', setup)] }).then((pipeline) => pipeline.dispose()),
  );
  expect(code).toBe('configuration');
  return message.replace(/^Plugin "x" failed to set up: /, '');
}

const refusalOf = (token: unknown, part: unknown): Promise<string> =>
  reasonOf((host) => (host.replace as AnyReplace)(token, part));

describe('a replacement of the wrong shape is refused', () => {
  const LIMITS = 'The replacement of tokens.LIMIT_STORE by plugin "x"';
  const RETRY = 'The replacement of tokens.RETRY_INTERCEPTOR by plugin "x"';
  it.each<[string, readonly [token: unknown, part: unknown], string]>([
    ['no value', [tokens.LIMIT_STORE, undefined], `${LIMITS} is undefined. It needs: take, pause.`],
    ['a function', [tokens.LIMIT_STORE, () => limits], `${LIMITS} is a function. It needs: take, pause.`],
    [
      'a class',
      [tokens.CACHE_STORE, Cache],
      'The replacement of tokens.CACHE_STORE by plugin "x" is a class; pass an instance. It needs: get, set.',
    ],
    [
      'no method',
      [tokens.LIMIT_STORE, { take: limits.take }],
      `${LIMITS} has no method "pause". It needs: take, pause.`,
    ],
    [
      'a method of another type',
      [tokens.LIMIT_STORE, { ...limits, pause: 5 }],
      `${LIMITS} has a pause that is not a function: 5. It needs: take, pause.`,
    ],
    [
      'an optional method of another type',
      [tokens.LIMIT_STORE, { ...limits, seedDay: 5 }],
      `${LIMITS} has a seedDay that is not a function: 5. Pass a function, or leave it out.`,
    ],
    [
      'changes that are not an Observable',
      [tokens.LIMIT_STORE, { ...limits, changes$: 5 }],
      `${LIMITS} has a changes$ that is not an Observable: 5. Pass an Observable, or leave it out.`,
    ],
    [
      'changes of spending that are not an Observable',
      [tokens.SPENDING, { reserve: () => lease, changes$: null }],
      'The replacement of tokens.SPENDING by plugin "x" has a changes$ that is not an Observable: null. Pass an Observable, or leave it out.',
    ],
    [
      'a getter that throws',
      [
        tokens.LIMIT_STORE,
        {
          ...limits,
          get pause() {
            throw new Error('not connected');
          },
        },
      ],
      `${LIMITS} has a pause that cannot be read: not connected.`,
    ],
    [
      'an interceptor without a phase',
      [tokens.RETRY_INTERCEPTOR, { name: 'mine', intercept: () => undefined }],
      `${RETRY} has no "phase". It needs: name, phase, intercept.`,
    ],
    [
      'an interceptor without its function',
      [tokens.RETRY_INTERCEPTOR, { name: 'mine', phase: 'recover' }],
      `${RETRY} has no method "intercept". It needs: name, phase, intercept.`,
    ],
    [
      'an interceptor without a name',
      [tokens.RETRY_INTERCEPTOR, { name: '', phase: 'recover', intercept: () => undefined }],
      `${RETRY} has a name that is not a text: "". It needs: name, phase, intercept.`,
    ],
  ])('%s', async (_, [token, part], message) => {
    expect(await refusalOf(token, part)).toBe(message);
  });
});

describe('a token that a plugin may not replace', () => {
  const POSSIBLE =
    'A plugin may replace LIMIT_STORE, BREAKERS, SLOTS, RETRY_BUDGETS, SPENDING, CACHE_STORE, STATE_STORE and the built-in interceptors; a program can register anything: createPipeline({ register }).';
  it.each<[string, unknown, string]>([
    ['another part', tokens.CLOCK, 'tokens.CLOCK'],
    ['a token that does not exist', undefined, 'an undefined token (is its name in tokens right?)'],
    ['a text', 'mine', '"mine"'],
    ['a class', Cache, 'the class Cache'],
    ['a symbol', Symbol('mine'), 'mine'],
  ])('is named in the message: %s', async (_, token, shown) => {
    expect(await refusalOf(token, {})).toBe(`${shown} cannot be replaced by a plugin. ${POSSIBLE}`);
  });
});

describe('a part under the global symbol of another plugin', () => {
  const QUEUE = Symbol.for('scriptorium/test/queue');

  it('is found by that plugin, in a command, too', async () => {
    const queue = { name: 'q' };
    let found: () => unknown = () => undefined;
    const plugins = [
      aPlugin('x', (host) => {
        found = host.replacement(QUEUE);
      }),
      aPlugin('y', (host) => host.replace(QUEUE, queue)),
    ];
    const { dispose } = await pluginCommands({ environment: {}, plugins });
    expect(found()).toBe(queue);
    await dispose();
  });

  it('is an object', async () => {
    expect(await refusalOf(QUEUE, undefined)).toMatch(/ of plugin "x" is undefined\. /);
  });
});

describe('a second replacement of a part', () => {
  it('by another plugin names both plugins', async () => {
    const replace = (host: PluginHost<object>): void => host.replace(tokens.CACHE_STORE, cache);
    const plugins = [still, aPlugin('x', replace), aPlugin('y', replace)];
    expect((await failureOf(createPipeline({ environment: {}, plugins }))).message).toBe(
      'Plugin "y" failed to set up: Both plugin "x" and plugin "y" replace tokens.CACHE_STORE. Leave out one of the plugins.',
    );
  });

  it('by the same plugin names the plugin once', async () => {
    const reason = await reasonOf((host) => {
      host.replace(tokens.CACHE_STORE, cache);
      host.replace(tokens.CACHE_STORE, cache);
    });
    expect(reason).toBe('Plugin "x" replaces tokens.CACHE_STORE twice. Remove one of the calls.');
  });
});

describe('host.part', () => {
  it('refuses an undefined token when it is called', async () => {
    expect(await reasonOf((host) => void (host.part as (token: unknown) => unknown)(undefined))).toBe(
      'Plugin "x" asked for an undefined token. Use one of tokens.',
    );
  });

  it('names the token that is used before all plugins are set up', async () => {
    expect(await reasonOf((host) => void host.part(tokens.CACHE_STORE)())).toBe(
      'Plugin "x" used tokens.CACHE_STORE before all plugins were set up. Call the function of host.part later.',
    );
  });

  it('gives no part to a command, whose own host has no pipeline', async () => {
    const plugin = aPlugin('x', (host) => {
      const cacheOf = host.part(tokens.CACHE_STORE);
      host.addCommand({
        name: 'x',
        description: 'uses a part',
        run: () => Promise.resolve(Object.keys(cacheOf()).length),
      });
    });
    const { commands, dispose } = await pluginCommands({ environment: {}, plugins: [plugin] });
    const error = await failureOf(Promise.resolve().then(() => commands[0]!.run([])));
    await dispose();
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'configuration',
      message:
        'Plugin "x" used tokens.CACHE_STORE in a command. Use the pipeline from openPipeline: the command\'s own host has no pipeline.',
    });
  });
});
