import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Everything from `ours` and `theirs`: two copies of scriptorium, each with rxjs and tsyringe of its own. */
const PROGRAM = `
  const load = async (root, path) => import(new URL(path, 'file://' + root + '/').href);
  const [ourRoot, theirRoot] = process.argv.slice(1);
  const copyOf = async (root) => ({
    ...(await load(root, 'dist/src/index.js')),
    ...(await load(root, 'dist/src/plugin.js')),
    openrouter: (await load(root, 'dist/plugins/openrouter/index.js')).openrouter,
    rxjs: (await load(root, 'node_modules/rxjs/dist/cjs/index.js')),
  });
  const [ours, theirs] = [await copyOf(ourRoot), await copyOf(theirRoot)];
  const report = { copies: ours.createPipeline !== theirs.createPipeline && ours.rxjs.Observable !== theirs.rxjs.Observable };

  // Their plugin, with an interceptor over their rxjs, their secret and their token, in our pipeline.
  const loud = theirs.definePlugin({
    name: 'loud', apiVersion: 1,
    setup: (host) => {
      host.replace(theirs.tokens.CACHE_STORE, { get: () => undefined, set: () => undefined });
      host.addInterceptor({ name: 'loud', phase: 'observe', intercept: (request, next) =>
        theirs.rxjs.from(next(request)).pipe(theirs.rxjs.map((event) => event.type === 'text-delta' ? { ...event, delta: event.delta.toUpperCase() } : event)) });
    },
  });
  const openrouter = theirs.openrouter({ apiKey: new theirs.Secret('any') });
  const pipeline = await ours.createPipeline({ plugins: [openrouter, loud], config: { logging: { level: 'silent' }, defaults: { maxTokens: 8 } } });
  const { text } = await pipeline.generate({ prompt: 'Begin.', context: theirs.RequestContext.empty });
  report.isLoud = text !== '' && text === text.toUpperCase();
  report.streamed = (await theirs.rxjs.lastValueFrom(pipeline.stream({ prompt: 'Begin.' }).pipe(theirs.rxjs.toArray()))).length > 2;
  await pipeline.dispose();

  const error = await ours.createPipeline({ environment: {}, config: { retry: { maxAttempts: 0 } } }).catch((reason) => reason);
  report.errors = {
    config: error instanceof theirs.ConfigError, generation: error instanceof theirs.GenerationError,
    other: error instanceof theirs.ApiError,
    parent: new ours.RetryExhaustedError('x', {}) instanceof theirs.ApiError,
    child: new ours.ApiError('server-error', 'x') instanceof theirs.RetryExhaustedError,
  };

  class Decorated { name = 'decorated'; phase = 'observe'; constructor(words) { this.intercept = (request, next) => next(request); } }
  theirs.inject(theirs.tokens.CLOCK)(Decorated, undefined, 0);
  theirs.injectable()(Decorated);
  report.decorated = await ours.createPipeline({ plugins: [openrouter], interceptors: [Decorated] }).then(() => 'works', (reason) => reason.message);
  console.log(JSON.stringify(report));
`;

let emulator: Emulator;
let copy: string;

beforeAll(async () => {
  emulator = await startEmulator();
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'scriptorium-copy-')));
  for (const path of ['package.json', 'dist', 'node_modules/rxjs', 'node_modules/tsyringe'])
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  const own = ['ajv', 'convict', 'eventsource-parser', 'fastest-levenshtein', 'import-meta-resolve', 'lru-cache'];
  for (const name of [...own, 'node-fetch', 'reflect-metadata', 'tslib', 'winston'])
    symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
  mkdirSync(join(copy, 'assets'));
});
afterAll(async () => {
  await emulator.close();
  rmSync(copy, { recursive: true });
});

describe('two copies of scriptorium, rxjs and tsyringe in one program', () => {
  it('work together, and name a class that the wrong one has decorated', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', PROGRAM, ROOT.replace(/\/$/, ''), copy],
      {
        env: {
          PATH: process.env.PATH,
          OPENROUTER_BASE_URL: emulator.url,
          OPENROUTER_MODEL: 'scriptorium/exact',
        },
      },
    );
    expect(JSON.parse(stdout)).toEqual({
      copies: true,
      isLoud: true,
      streamed: true,
      errors: { config: true, generation: true, other: false, parent: true, child: false },
      decorated: expect.stringMatching(/TypeInfo not known for "Decorated".*npm ls scriptorium tsyringe/),
    });
  });
});
