import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPipeline, describeConfig, loadConfig, pluginCommands } from 'scriptorium';
import type { PipelineOptions } from 'scriptorium';
import { failureOf } from '../support/pipelines.js';
import { still } from '../plugins/a-plugin.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-load-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A module that makes a plugin of this name, which adds a command of the same name. */
const pluginModule = (name: string, exported = 'plugin') => `
  import { definePlugin, whole } from 'scriptorium/plugin';
  const plugin = definePlugin({
    name: '${name}', apiVersion: 1,
    config: { size: { doc: 'A size', format: whole(1), default: 1 } },
    setup: (host) => host.addCommand({ name: '${name}', description: 'size ' + host.config.size, run: async () => 0 }),
  });
  export default ${exported};
`;

const commandsOf = async (options: PipelineOptions): Promise<readonly string[]> => {
  const { commands, dispose } = await pluginCommands({ environment: {}, ...options });
  await dispose();
  return commands.map(({ name, description }) => `${name}: ${description}`);
};
const fromFile = (values: object): PipelineOptions => ({
  configFiles: loadConfig({ files: [write('scriptorium.config.json', JSON.stringify(values))] }),
});
const refusalOf = async (specifier: string): Promise<string> =>
  (await failureOf(createPipeline({ plugins: [still], environment: {}, ...fromFile({ load: [specifier] }) }))).message;

describe('plugins by name', () => {
  it('are imported from a file relative to the configuration, and configured there', async () => {
    write('mine.mjs', pluginModule('mine'));
    expect(await commandsOf(fromFile({ load: ['./mine.mjs'], plugins: { mine: { size: 3 } } }))).toEqual([
      'mine: size 3',
    ]);
  });

  it('take their options from files and variables rather than from their own module', async () => {
    const module = pluginModule('baked').replace('apiVersion: 1,', 'apiVersion: 1, options: { size: 2 },');
    write('baked.mjs', module);
    expect({
      alone: await commandsOf(fromFile({ load: ['./baked.mjs'] })),
      file: await commandsOf(fromFile({ load: ['./baked.mjs'], plugins: { baked: { size: 3 } } })),
      variable: await commandsOf({
        ...fromFile({ load: ['./baked.mjs'] }),
        environment: { SCRIPTORIUM_PLUGINS_BAKED_SIZE: '4' },
      }),
    }).toEqual({ alone: ['baked: size 2'], file: ['baked: size 3'], variable: ['baked: size 4'] });
  });

  it('may be a factory as default export', async () => {
    write('made.mjs', pluginModule('made', '() => plugin'));
    expect(await commandsOf(fromFile({ load: ['./made.mjs'] }))).toEqual(['made: size 1']);
  });

  it("may be packages, resolved as for an application in the file's folder", async () => {
    write(
      'node_modules/scriptorium-plugin-boxes/package.json',
      JSON.stringify({ name: 'scriptorium-plugin-boxes', type: 'module', exports: './main.js' }),
    );
    write('node_modules/scriptorium-plugin-boxes/main.js', pluginModule('boxes'));
    write(
      'node_modules/@books/plugin/package.json',
      JSON.stringify({ name: '@books/plugin', type: 'module', exports: { './sub': './sub.js' } }),
    );
    write('node_modules/@books/plugin/sub.js', pluginModule('scoped'));
    expect(await commandsOf(fromFile({ load: ['scriptorium-plugin-boxes', '@books/plugin/sub'] }))).toEqual([
      'boxes: size 1',
      'scoped: size 1',
    ]);
  });

  it('come from the strongest layer with a list, relative to the working directory if that is not a file', async () => {
    const path = write('absolute.mjs', pluginModule('absolute'));
    expect(
      await commandsOf({ ...fromFile({ load: ['./nowhere.mjs'] }), environment: { SCRIPTORIUM_LOAD: path } }),
    ).toEqual(['absolute: size 1']);
    expect(
      (await failureOf(createPipeline({ plugins: [still], environment: {}, config: { load: ['./absolute.mjs'] } })))
        .message,
    ).toContain(process.cwd());
  });

  it('are checked like any other', async () => {
    write('strict.mjs', pluginModule('strict'));
    const work = createPipeline({
      plugins: [still],
      environment: {},
      ...fromFile({ load: ['./strict.mjs'], plugins: { strict: { sise: 3 } } }),
    });
    expect((await failureOf(work)).message).toContain('plugins.strict.sise');
  });

  it('are shown by describeConfig', async () => {
    write('shown.mjs', pluginModule('shown'));
    const { lines } = await describeConfig({
      plugins: [still],
      environment: {},
      ...fromFile({ load: ['./shown.mjs'], plugins: { shown: { size: 8 } } }),
    });
    expect(lines).toContainEqual({
      path: 'plugins.shown.size',
      value: 8,
      source: join(folder, 'scriptorium.config.json'),
    });
  });

  it('that cannot be loaded do not hide the rest in describeConfig', async () => {
    const { lines, problems } = await describeConfig({
      plugins: [still],
      environment: {},
      ...fromFile({ load: ['./nowhere.mjs'], retry: { maxAttempts: 2 } }),
    });
    expect(lines).toContainEqual(expect.objectContaining({ path: 'retry.maxAttempts', value: 2 }));
    expect(problems).toEqual([expect.stringContaining('Cannot find the plugin "./nowhere.mjs" (in load)')]);
  });

  it('are imported once per pipeline, but rejected if given in code and by name under one id', async () => {
    write('still.mjs', pluginModule('still'));
    expect(await refusalOf('./still.mjs')).toContain('Two plugins have the id "still"');
  });
});

describe('a plugin that cannot be loaded', () => {
  it('as a package is reported with the command that installs it', async () => {
    expect(await refusalOf('scriptorium-plugin-absent')).toMatch(
      /^Cannot find the plugin "scriptorium-plugin-absent" \(in load\): .+\. Install it: npm i scriptorium-plugin-absent$/,
    );
    expect(await refusalOf('@books/absent/sub')).toMatch(/Install it: npm i @books\/absent$/);
  });

  it('as a file is reported with its full path', async () => {
    const message = await refusalOf('./absent.mjs');
    expect(message).toMatch(/^Cannot find the plugin "\.\/absent\.mjs" \(in load\): .+\. Check the path\.$/);
    expect(message).toContain(join(folder, 'absent.mjs'));
  });

  it.each([
    ['nothing', 'export const plugin = 1;'],
    ['a text', 'export default "x";'],
    ['an object', 'export default { name: "x", id: "x", setup() {} };'],
    ['null', 'export default null;'],
    ['a function that returns none', 'export default () => undefined;'],
    ['a factory of something else', 'export default async () => ({});'],
  ])('because its default export is %s is reported with the valid types', async (what, text) => {
    const name = `./${what.replaceAll(' ', '-')}.mjs`;
    write(name, text);
    expect(await refusalOf(name)).toBe(
      `"${name}" (in load) is not a plugin. Its default export must be the result of definePlugin(), or a function that returns it.`,
    );
  });

  it.each([
    ['throws while it is imported', 'throw new Error("no licence");', '(in load): no licence'],
    ['is no JavaScript', 'export default {{;', 'Cannot import the plugin'],
    [
      'has a factory that throws',
      'export default () => { throw new Error("no options"); };',
      'The factory of the plugin',
    ],
    [
      'has a factory that rejects',
      'export default async () => { throw new Error("no options"); };',
      'The factory of the plugin',
    ],
  ])('because it %s is named, without an installation hint', async (what, text, message) => {
    const name = `./${what.replaceAll(' ', '-')}.mjs`;
    write(name, text);
    const refusal = await refusalOf(name);
    expect(refusal).toContain(message);
    expect(refusal).toContain(`"${name}" (in load)`);
    expect(refusal).not.toContain('npm i');
  });

  it('because `load` itself is invalid is reported with its source', async () => {
    const error = await failureOf(createPipeline({ plugins: [still], environment: {}, ...fromFile({ load: 5 }) }));
    expect(error.message).toMatch(/^load \(from .*scriptorium\.config\.json\) must be a list of texts\.$/);
  });
});
