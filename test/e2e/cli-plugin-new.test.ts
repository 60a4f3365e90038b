import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aFolder, cleanUp, cli, start } from './run-cli.js';

afterAll(cleanUp);

const run = promisify(execFile);

/** A folder in which programs find this package and its tools, as if they were installed. */
function anInstalledFolder(): string {
  const folder = aFolder({
    'package.json': {
      name: 'application',
      private: true,
      dependencies: { scriptorium: 'file:packed/scriptorium.tgz' },
    },
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(process.cwd(), join(folder, 'node_modules/scriptorium'));
  for (const name of ['rxjs', 'typescript', '@types', 'tslib', 'undici-types'])
    if (existsSync(resolve('node_modules', name)))
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  return folder;
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly devDependencies: Record<string, string>;
    readonly name: string;
  };

describe('scriptorium plugin new', () => {
  const KINDS = ['sink', 'interceptor', 'provider'] as const;
  type Kind = (typeof KINDS)[number];
  interface Written {
    readonly ending: Awaited<ReturnType<typeof cli>>;
    readonly folder: string;
    readonly files: readonly string[];
  }
  const written = {} as Record<Kind, Written>;

  beforeAll(async () => {
    for (const kind of KINDS) {
      const parent = anInstalledFolder();
      const args = ['plugin', 'new', 'my-own', ...(kind === 'sink' ? [] : ['--kind', kind])];
      const [ending, folder] = [await cli(args, { folder: parent }), join(parent, 'my-own')];
      written[kind] = { ending, folder, files: readdirSync(folder).sort() };
    }
    // One compiler for all, since its start and the declarations of this package take most of its time.
    const folders = KINDS.map((kind) => written[kind].folder);
    await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '--build', ...folders]);
  });

  it.each(KINDS)('writes a %s into a folder of its name', (kind) => {
    const { ending, folder, files } = written[kind];
    expect(ending).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining(`The ${kind} "my-own" is in ${folder}`),
    });
    expect(files).toEqual([
      '.gitignore',
      'README.md',
      'package.json',
      'scriptorium.config.json',
      'src',
      'tsconfig.json',
    ]);
  });

  it.each(KINDS)('writes a %s that passes its tests as it stands', async (kind) => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_')));
    const { stdout: report } = await run(process.execPath, ['--test', '--test-reporter', 'tap', 'dist/index.test.js'], {
      cwd: written[kind].folder,
      env,
    });
    expect(report).toMatch(/^# fail 0$/m);
  });

  it.each([
    ['sink', /^No OPENROUTER_API_KEY: [^\n]+\nmy-own: 1 generation\(s\), \d+ tokens\n$/, /[a-z]/],
    ['interceptor', /^No OPENROUTER_API_KEY: [^\n]+\n$/, /^[^a-z]+$/],
    ['provider', /^No OPENROUTER_API_KEY: [^\n]+\n$/, /[a-z]/],
  ] as const)('writes a %s that is loaded by its name', async (kind, stderr, stdout) => {
    const args = ['generate', '--demo', '--config', 'scriptorium.config.json', '--max-tokens', '40', 'Begin.'];
    const asked = await start(args, { folder: written[kind].folder }).ended;
    expect(asked.stderr.replace(/^scriptorium: .*\n/gm, '')).toMatch(stderr);
    expect(asked.stdout).toMatch(stdout);
  });

  it('depends on this package as the folder around it does, or by its own folder', async () => {
    const byFile = aFolder({ 'package.json': { dependencies: { scriptorium: 'file:packed/scriptorium.tgz' } } });
    const byVersion = aFolder({ 'package.json': { devDependencies: { scriptorium: '^0.1.0-beta' } } });
    const alone = aFolder();
    for (const folder of [byFile, byVersion, alone]) await cli(['plugin', 'new', 'my-sink'], { folder });
    expect(
      [byFile, byVersion, alone].map((folder) => manifestOf(join(folder, 'my-sink')).devDependencies.scriptorium),
    ).toEqual([
      'file:../packed/scriptorium.tgz',
      '^0.1.0-beta',
      `file:${relative(join(alone, 'my-sink'), process.cwd())}`,
    ]);
  });

  it.each([
    ['My-Sink', /"My-Sink" must be lower-case letters/],
    ['9lives', /must be/],
    ['../up', /must be/],
    ['@me/sink', /must be/],
    ['a'.repeat(101), /at most 100/],
    ['openrouter', /"openrouter" is taken/],
    ['fs', /"fs" is taken/],
    ['constructor', /is taken/],
    ['scriptorium', /is taken/],
  ])('refuses the name %s, and writes nothing', async (name, message) => {
    const folder = aFolder();
    expect(await cli(['plugin', 'new', name], { folder })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder that is there, and a kind that is not, and writes nothing', async () => {
    const folder = aFolder({ 'my-sink': 'a file' });
    expect(await cli(['plugin', 'new', 'my-sink'], { folder })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`There is already a ${join(folder, 'my-sink')}`),
    });
    expect(await cli(['plugin', 'new', 'other', '--kind', 'transport'], { folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sink, interceptor, provider'),
    });
    expect(await cli(['plugin', 'new'], { folder })).toMatchObject({ code: 2, stdout: '' });
    expect(readdirSync(folder)).toEqual(['my-sink']);
    expect(readFileSync(join(folder, 'my-sink'), 'utf8')).toBe('a file');
  });
});
