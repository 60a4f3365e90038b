import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { environment } from './environment.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const INSTRUCTIONS: readonly Instruction[] = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));

const all = (name: string): readonly string[] =>
  INSTRUCTIONS.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
const words = (name: string): readonly string[] => JSON.parse(all(name)[0] ?? '[]') as readonly string[];

function pathsOf(rest: string): { readonly sources: readonly string[]; readonly target: string } {
  const paths = rest.split(' ');
  return { sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

let folder = '';
/** The environment of the image, beside what npm needs to install. */
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-image-'));
  env = { ...environment, OPENROUTER_API_KEY: 'sk-or-v1-not-used' };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' });
  expect({ command, args, status, stderr: status === 0 ? '' : stderr }).toEqual({
    command,
    args,
    status: 0,
    stderr: '',
  });
  return stdout;
}

/** Does what an instruction says, in the folder. */
function follow(name: string, rest: string): void {
  if (name === 'RUN') run('sh', ['-c', rest]);
  if (name === 'ENV')
    for (const pair of rest.split(' ')) {
      const [variable = '', value = ''] = pair.split('=');
      env[variable] = value.replace('/app', folder);
    }
  if (name !== 'COPY') return;
  const { sources, target } = pathsOf(rest);
  for (const source of sources)
    cpSync(join(ROOT, source), join(folder, target.endsWith('/') ? join(target, source) : target), { recursive: true });
}

describe('the Dockerfile', () => {
  it('copies files that are there', () => {
    expect(
      all('COPY')
        .flatMap((rest) => pathsOf(rest).sources)
        .filter((source) => !existsSync(join(ROOT, source))),
    ).toEqual([]);
  });

  it('installs the versions that the tests use', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const asked = all('RUN').flatMap((rest) =>
      [...rest.matchAll(/(\S+[^@\s])@(\d\S*)/g)].map(([, name, version]) => ({ name, version })),
    );
    expect(asked.length).toBeGreaterThan(2);
    expect(asked).toEqual(asked.map(({ name }) => ({ name, version: devDependencies[name ?? ''] })));
  });

  it('builds in an empty folder, and its command serves', async () => {
    for (const { name, rest } of INSTRUCTIONS) follow(name, rest);

    const [program = '', ...entry] = words('ENTRYPOINT');
    expect(run(program, [...entry, 'gateway', 'key', 'add', 'test'])).toMatch(/sk-scr-/);

    const command = words('CMD').map((word, index, list) => (list[index - 1] === '--port' ? '0' : word));
    const server = spawn(program, [...entry, ...command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const lines = createInterface({ input: server.stdout });
      const { value: address } = (await lines[Symbol.asyncIterator]().next()) as { readonly value: string };
      const { status } = await fetch(`${address}/healthz`);
      expect(status).toBe(200);
    } finally {
      server.kill();
    }
  });
});
