import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));

const run = promisify(execFile);
let emulator: Emulator;
/** Has the program and the package to bundle. */
let sources: string;
/** Has no node_modules, nor does any folder above. */
let bundles: string;

beforeAll(async () => {
  if (!existsSync(`${PROGRAMS}node_modules`))
    throw new Error('Install the bundlers first: npm ci --prefix test/bundlers/programs');
  emulator = await startEmulator();
  [sources, bundles] = ['sources', 'bundles'].map((name) =>
    realpathSync(mkdtempSync(join(tmpdir(), `scriptorium-${name}-`))),
  ) as [string, string];
  copyFileSync(join(PROGRAMS, 'app.mjs'), join(sources, 'app.mjs'));
  mkdirSync(join(sources, 'node_modules'));
  symlinkSync(ROOT, join(sources, 'node_modules/scriptorium'));
});
afterAll(async () => {
  await emulator.close();
  for (const folder of [sources, bundles]) rmSync(folder, { recursive: true });
});

describe('a program that is bundled', () => {
  it.each([
    ['esbuild-cjs', 'app.cjs'],
    ['esbuild-esm', 'app.mjs'],
    ['webpack', 'app.cjs'],
    ['rollup', 'app.mjs'],
    ['vite', 'app.mjs'],
  ])('by %s runs without node_modules', async (bundler, file) => {
    const folder = join(bundles, bundler);
    mkdirSync(folder);
    await run(process.execPath, [`${PROGRAMS}${bundler}.mjs`, join(sources, 'app.mjs'), folder], { cwd: sources });
    const { stdout, stderr } = await run(process.execPath, [join(folder, file)], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        OPENROUTER_API_KEY: 'any',
        OPENROUTER_BASE_URL: emulator.url,
        OPENROUTER_MODEL: 'scriptorium/exact',
      },
    });
    expect(JSON.parse(stdout)).toEqual({ texts: 3, counted: 2 });
    // The answers are cut at the cap, of which the log warns.
    expect(stderr).toContain('"level":"warn"');
  });
});
