import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What stands where, in a small tree of the same shape: each file breaks at most one rule. */
const FILES: Readonly<Record<string, string>> = {
  'src/index.ts': 'export const application = 1;',
  'src/plugin.ts': 'export const author = 1;',
  'src/provider.ts': 'export const codec = 1;',
  'src/testing.ts': 'export const kit = 1;',
  'src/bookgen.ts': 'export const client = 1;',
  'src/core/by-name.ts': 'import { application } from "scriptorium"; export const used = application;',
  'src/core/by-path.ts': 'import { application } from "../index.js"; export const used = application;',
  'src/cli/right.ts':
    'import { application } from "scriptorium"; import { right } from "scriptorium/plugins/right"; export const used = [application, right];',
  'src/cli/kit.ts': 'import { kit } from "scriptorium/testing"; export const used = kit;',
  'src/cli/author.ts': 'import type { author } from "scriptorium/plugin"; export type Used = typeof author;',
  'src/cli/nowhere.ts': 'import { nothing } from "scriptorium/nowhere"; export const used = nothing;',
  'src/stats/built.ts': 'import { application } from "../../dist/src/index.js"; export const used = application;',
  'dist/src/index.js': 'export const application = 1;',
  'plugins/right/index.ts':
    'import { application } from "scriptorium"; import { author } from "scriptorium/plugin"; import { codec } from "scriptorium/provider"; import { kit } from "scriptorium/testing"; export const right = [application, author, codec, kit];',
  'plugins/client/index.ts': 'import { client } from "scriptorium/bookgen"; export const used = client;',
  'plugins/inner/index.ts': 'import { used } from "../../src/stats/built.js"; export const inner = used;',
  'plugins/neighbour/index.ts': 'import { right } from "scriptorium/plugins/right"; export const used = right;',
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-layers-'));
  for (const [name, text] of Object.entries({
    ...FILES,
    'package.json': '{ "name": "scriptorium", "type": "module" }',
  })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'tsconfig.layers.json'])
    copyFileSync(join(ROOT, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(): Promise<Report> {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'plugins'];
  return new Promise((resolve) => {
    execFile(join(ROOT, 'node_modules/.bin/depcruise'), args, { cwd: folder }, (_error, stdout) =>
      resolve(JSON.parse(stdout) as Report),
    );
  });
}

/** Rooms with a rule of their own instead of a list of what they may import. */
const OTHER_ROOMS = ['bookgen', 'cli'];

function rooms(): readonly string[] {
  const inside = (folder: string): readonly string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  return [
    ...inside('src').filter((room) => room !== 'chain'),
    ...inside('src/chain').map((phase) => `chain/${phase}`),
    'testing/simulation',
  ].sort();
}

describe('the rules of the layers', () => {
  it('has one for every room', async () => {
    const { default: config } = (await import(join(ROOT, '.dependency-cruiser.cjs'))) as {
      default: { forbidden: readonly { readonly name: string }[] };
    };
    const named = config.forbidden.map(({ name }) => name).filter((name) => name.startsWith('layer-of-'));
    const expected = rooms()
      .filter((room) => !OTHER_ROOMS.includes(room))
      .map((room) => `layer-of-${room.replace('/', '-')}`);
    expect([...named].sort()).toEqual([...expected].sort());
  });

  it('see imports of the package by its own name, from plugins, from the core and from the command line', async () => {
    const { summary } = await cruise();
    expect(summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).sort()).toEqual([
      'plugins/client/index.ts: plugins-use-the-public-api',
      'plugins/inner/index.ts: plugins-use-the-public-api',
      'plugins/neighbour/index.ts: plugins-do-not-import-each-other',
      'src/cli/author.ts: cli-is-a-user',
      'src/cli/kit.ts: cli-is-a-user',
      'src/cli/nowhere.ts: every-import-is-found',
      'src/core/by-name.ts: layer-of-core',
      'src/core/by-path.ts: layer-of-core',
      'src/stats/built.ts: nobody-imports-what-was-built',
    ]);
  });
});
