import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GenerationResult } from 'scriptorium';
import { environment } from './environment.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'];

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; one that does not end by itself has no code. */
function run(
  command: string,
  args: readonly string[],
  { folder, limitMs = 20_000 }: { readonly folder: string; readonly limitMs?: number },
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    child.on('error', reject).on('close', (code) => resolve({ code, ...output }));
  });
}

/** The same, for what must succeed. */
async function must(command: string, args: readonly string[], folder: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, { folder, limitMs: 240_000 });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** A tool of the repository. */
const tool = (name: string) => join(ROOT, 'node_modules/.bin', name);

/** The options of a strict application, which checks the types of all libraries. */
const COMPILER = [
  ...['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'],
  ...['--module', 'nodenext', '--target', 'es2022', '--experimentalDecorators', '--types', 'node'],
];

let folder: string;
let tarball: string;
let contents: readonly string[];

/** Packs the package, and installs it into an empty folder beside what such an application has of its own. */
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'scriptorium-package-')));
  await must('npm', ['pack', '--silent', '--pack-destination', folder], ROOT);
  tarball = join(folder, `scriptorium-${manifest.version}.tgz`);
  contents = (await must('tar', ['-tzf', tarball], folder))
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))
    .sort();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await must('npm', [...INSTALL, tarball, `@types/node@${manifest.devDependencies['@types/node']}`], folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs one of the programs in the folder, and reads what it prints. */
async function program(name: string): Promise<unknown> {
  copyFileSync(join(PROGRAMS, name), join(folder, name));
  const { code, stdout, stderr } = await run(process.execPath, [name], { folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('the tarball', () => {
  it('holds what is run and what is read, and nothing else', () => {
    const allowed =
      /^(package\.json|README\.md|ARCHITECTURE\.md|CONTRIBUTING\.md|LICENSE|assets\/(README\.md|config\.schema\.json|book\/[a-z]{2}\/[a-z]+\.md|moby-dick\.txt|openrouter-models\.json|new-plugin\/[a-z]+\/index(\.test)?\.ts)|config\/[a-z-]+\.json|docs\/([a-z0-9/-]+\.(md|ts)|README\.md)|plugins\/[a-z-]+\/(README\.md|alerts\.yml|grafana-dashboard\.json)|dist\/(src|plugins)\/[a-z/-]+(\.js|\.d\.ts))$/;
    expect(contents.filter((path) => !allowed.test(path))).toEqual([]);
    expect(contents).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'assets/moby-dick.txt',
        'config/default.json',
        'dist/src/index.js',
        'dist/src/index.d.ts',
      ]),
    );
  });

  it('holds nothing whose source is gone, and no reference to a source map', () => {
    const built = contents.filter((path) => path.startsWith('dist/'));
    expect(
      built.filter((path) => !existsSync(join(ROOT, path.replace(/^dist\//, '').replace(/(\.js|\.d\.ts)$/, '.ts')))),
    ).toEqual([]);
    const installed = join(folder, 'node_modules/scriptorium');
    expect(built.filter((path) => readFileSync(join(installed, path), 'utf8').includes('sourceMappingURL'))).toEqual(
      [],
    );
  });

  it('holds every file that package.json names', () => {
    const named = [
      ...Object.values(manifest.bin),
      ...Object.values(manifest.exports).flatMap((target) =>
        typeof target === 'string' ? target : Object.values(target),
      ),
    ];
    const paths = named.map((path) => path.replace(/^\.\//, '').replace('*', 'openrouter'));
    expect(contents).toEqual(expect.arrayContaining(paths));
  });

  it('holds whatever its pages link to', () => {
    const pages = contents.filter((path) => path.endsWith('.md'));
    const links = pages.flatMap((page) => {
      const text = readFileSync(join(folder, 'node_modules/scriptorium', page), 'utf8');
      return [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)/g)].map(([, target]) => ({
        page,
        target: join(dirname(page), target!),
      }));
    });
    expect(links.length).toBeGreaterThan(5);
    expect(
      links.filter(({ target }) => !contents.some((path) => path === target || path.startsWith(`${target}/`))),
    ).toEqual([]);
  });

  it('is right in the eyes of publint', async () => {
    expect(await run(tool('publint'), ['run', tarball, '--strict', '--no-color'], { folder })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('All good'),
    });
  });

  it('has types that every kind of ESM consumer finds', async () => {
    const { code, stdout } = await run(
      tool('attw'),
      [tarball, '--profile', 'esm-only', '--include-entrypoints', 'plugins/openrouter', '--format', 'json'],
      { folder },
    );
    const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: object } };
    expect(code).toBe(0);
    expect(Object.keys(analysis.entrypoints)).toEqual(
      expect.arrayContaining(['.', './plugin', './provider', './testing', './bookgen', './plugins/openrouter']),
    );
  });
});

describe('in an empty folder', () => {
  const used = { source: 'reported', ran: ['listener', 'stamp'], described: ['listener', 'stamp'], stamp: 'yes' };

  it('a JavaScript application runs its interceptors in the order that describe() prints', async () => {
    expect(await program('consumer.mjs')).toMatchObject(used);
  });

  it('a TypeScript application compiles, strictly and with the types of all libraries checked, and does the same', async () => {
    copyFileSync(join(PROGRAMS, 'consumer.ts'), join(folder, 'consumer.ts'));
    expect(await run(tool('tsc'), [...COMPILER, 'consumer.ts'], { folder, limitMs: 120_000 })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const { code, stdout } = await run(process.execPath, ['consumer.js'], { folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(used);
  });

  it('the programs of the pages for authors, and the templates of plugins, compile strictly', async () => {
    const installed = join(folder, 'node_modules/scriptorium');
    const programs = [
      ...[
        'my-interceptor',
        'my-plugin',
        'my-provider',
        'my-sink',
        'remote-parts',
        'moderate-while-streaming',
        'bookgen-client',
      ].map((name) => `docs/examples/${name}.ts`),
      ...['interceptor', 'provider', 'sink'].map((kind) => `assets/new-plugin/${kind}/index.ts`),
    ];
    const own = join(folder, 'authors');
    mkdirSync(own);
    const names = programs.map((path, index) => {
      copyFileSync(join(installed, path), join(own, `${index}.ts`));
      return `${index}.ts`;
    });
    expect(await run(tool('tsc'), [...COMPILER, '--noEmit', ...names], { folder: own, limitMs: 120_000 })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('a plugin that replaces the limit store and the cache by remote ones runs as it stands in the documentation', async () => {
    copyFileSync(join(PROGRAMS, 'emulated.mjs'), join(folder, 'emulated.mjs'));
    copyFileSync(
      join(folder, 'node_modules/scriptorium/docs/examples/remote-parts.ts'),
      join(folder, 'remote-parts.ts'),
    );
    await must(tool('tsc'), [...COMPILER, 'remote-parts.ts'], folder);
    const { code, stdout, stderr } = await run(process.execPath, ['emulated.mjs', './remote-parts.js'], { folder });
    expect({ code, lines: stdout.trim().split('\n'), stderr }).toEqual({
      code: 0,
      lines: [
        'from provider, then from cache',
        'cache, by plugin "remote-parts": 2 answered, 0 failed',
        'limits, by plugin "remote-parts": 1 answered, 0 failed',
      ],
      stderr: '',
    });
  });

  it('the entry of applications loads no plugin, no command, no test kit and no client', async () => {
    copyFileSync(join(PROGRAMS, 'loaded.mjs'), join(folder, 'loaded.mjs'));
    const loadedBy = async (entry: string): Promise<readonly string[]> =>
      (await must(process.execPath, ['loaded.mjs', entry], folder)).trim().split('\n');
    const unwanted = /^dist\/(plugins|src\/(bookgen|cli|emulator|testing))\//;
    const application = await loadedBy('scriptorium');
    expect(application).toContain('dist/src/assembly/create-pipeline.js');
    expect(application.filter((file) => unwanted.test(file))).toEqual([]);
    const client = await loadedBy('scriptorium/bookgen');
    expect(client).toEqual(
      expect.arrayContaining(['dist/src/bookgen/openrouter-client.js', 'dist/plugins/openrouter/index.js']),
    );
  });

  it('a misspelt key of a plugin is refused, with the right one named, before anything is set up', async () => {
    expect(await program('misspelt-key.mjs')).toEqual({
      name: 'ConfigError',
      code: 'configuration',
      isSetUp: false,
      message: expect.stringMatching(/plugins\.margins\.lineLenght .*Did you mean "plugins\.margins\.lineLength"\?/),
    });
  });

  it('a plugin whose setup throws leaves nothing open: the program ends by itself', async () => {
    const { message, story, ...rest } = (await program('failing-setup.mjs')) as { message: string; story: string[] };
    expect(rest).toEqual({ name: 'ConfigError', cause: 'no ink left' });
    expect(message).toContain('"fails"');
    expect(message).toContain('no ink left');
    expect(story).toEqual(['sink closed', 'timer cleared', 'server closed']);
  });

  it('npx scriptorium writes a text without a key', async () => {
    const { code, stdout, stderr } = await run(
      'npx',
      ['scriptorium', 'generate', '--demo', '--json', '--max-tokens', '60', 'Begin.'],
      { folder },
    );
    const { text, finishReason, usage, attempts, model, provider } = JSON.parse(stdout) as GenerationResult;
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('the emulator recites Moby-Dick') });
    expect(text.length).toBeGreaterThan(100);
    expect({ finish: finishReason.unified, source: usage.source, attempts: attempts.length, model, provider }).toEqual({
      finish: 'length',
      source: 'reported',
      attempts: 1,
      model: 'scriptorium/moby-dick',
      provider: 'openrouter',
    });
  });

  it.each([
    ['sink', []],
    ['interceptor', ['--kind', 'interceptor']],
    ['provider', ['--kind', 'provider']],
  ] as const)('a new plugin (%s) passes its tests as it stands, and works by its name', async (kind, options) => {
    const name = `my-${kind}`;
    await must('npx', ['scriptorium', 'plugin', 'new', name, ...options], folder);
    const own = join(folder, name);
    await must('npm', INSTALL, own);
    expect(await must('npm', ['test'], own)).toMatch(/^(# |ℹ )fail 0$/m);
    await must('npm', [...INSTALL, `./${name}`], folder);
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ load: [name] }));
    const { code, stdout, stderr } = await run(
      'npx',
      ['scriptorium', 'generate', '--demo', '--config', `${name}.json`, '--max-tokens', '200', 'Begin.'],
      { folder },
    );
    expect([0, 3]).toContain(code);
    if (kind === 'sink') expect(stderr).toMatch(/^my-sink: 1 generation\(s\), \d+ tokens$/m);
    expect(stdout).toMatch(kind === 'interceptor' ? /^[^a-z]+$/ : /[a-z]/);
  });
});

/** Node in the versions that are supported, each by the path of its program. */
async function nodes(): Promise<readonly { readonly node: string; readonly flag: string }[]> {
  const installed = async (version: number): Promise<string> =>
    (await must('npx', ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath'], folder)).trim();
  return [
    { node: process.execPath, flag: process.version.startsWith('v20') ? '--experimental-permission' : '--permission' },
    { node: await installed(22), flag: '--permission' },
    { node: await installed(24), flag: '--permission' },
  ];
}

describe('on each supported version of Node', () => {
  it('a program generates, also in a worker thread, and with the permission to read the package alone', async () => {
    copyFileSync(join(PROGRAMS, 'in-a-worker.mjs'), join(folder, 'in-a-worker.mjs'));
    for (const { node, flag } of await nodes()) {
      const expected = { hasText: true, finish: 'length' };
      const inWorker = await must(node, ['in-a-worker.mjs', 'worker'], folder);
      expect(JSON.parse(inWorker)).toEqual({ isMainThread: false, ...expected });
      const permitted = [flag, `--allow-fs-read=${folder}/*`, 'in-a-worker.mjs'];
      expect(JSON.parse(await must(node, permitted, folder))).toEqual({ isMainThread: true, ...expected });
      const main = join(folder, 'node_modules/scriptorium/dist/src/cli/main.js');
      const { code, stdout } = await run(node, [main, 'generate', '--demo', '--max-tokens', '20', 'Begin.'], {
        folder,
      });
      expect([0, 3]).toContain(code);
      expect(stdout).toMatch(/[a-z]/);
    }
  });
});

describe('a global install into an empty prefix', () => {
  let elsewhere: string;
  let command: string;
  beforeAll(async () => {
    const prefix = join(folder, 'global');
    elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'scriptorium-elsewhere-')));
    const beside = ['libsql', 'fastify', '@fastify/swagger'].map((name) => `${name}@${manifest.devDependencies[name]}`);
    await must('npm', [...INSTALL, '-g', '--prefix', prefix, tarball, ...beside], folder);
    command = join(prefix, 'bin/scriptorium');
  });
  afterAll(() => rmSync(elsewhere, { recursive: true }));

  it('finds the plugins that come with it, and the packages installed beside it', async () => {
    writeFileSync(
      join(elsewhere, 'scriptorium.config.json'),
      JSON.stringify({ load: ['scriptorium/plugins/ledger'], plugins: { ledger: { file: './ledger.db' } } }),
    );
    await must(command, ['generate', '--demo', '--config', 'scriptorium.config.json', 'Begin.'], elsewhere);
    expect(await must(command, ['stats', '--config', 'scriptorium.config.json'], elsewhere)).toMatch(/generation/i);
  });

  it('serves from any folder', async () => {
    const child = spawn(command, ['serve', '--port', '0'], {
      cwd: elsewhere,
      env: { ...environment, OPENROUTER_API_KEY: 'any', OPENROUTER_BASE_URL: 'http://127.0.0.1:9/v1' },
    });
    const ended = once(child, 'close');
    const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown];
    expect(String(line)).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    child.kill('SIGTERM');
    await ended;
  });

  it('begins a plugin that installs and passes its tests, without a registry that knows scriptorium', async () => {
    await must(command, ['plugin', 'new', 'my-own'], elsewhere);
    await must('npm', INSTALL, join(elsewhere, 'my-own'));
    expect(await must('npm', ['test'], join(elsewhere, 'my-own'))).toMatch(/^(# |ℹ )fail 0$/m);
  });
});
