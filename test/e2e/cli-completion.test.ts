import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { aFolder, cleanUp, cli } from './run-cli.js';

afterAll(cleanUp);

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await cli(['completion', shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** What bash offers for these words, of which the last one is begun. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const program = `${await scriptFor('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_scriptorium; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.trim().split('\n');
}

describe('completion by bash', () => {
  it('offers the commands, those of plugins among them', async () => {
    expect(await offered('scriptorium', '')).toEqual(
      expect.arrayContaining(['generate', 'verify', 'completion', 'batch', 'serve']),
    );
    expect(await offered('scriptorium', 'mo')).toEqual(['models']);
  });

  it("offers a command's options and what is below it", async () => {
    expect(await offered('scriptorium', 'generate', '--to')).toEqual(['--top-p']);
    expect(await offered('scriptorium', 'models', '--p')).toEqual(['--provider']);
    expect(await offered('scriptorium', 'plugin', 'n')).toEqual(['new']);
  });
});

describe('completion by other shells', () => {
  it.each(['zsh', 'fish'])('is read by %s where that is installed', async (shell) => {
    const file = join(aFolder(), 'script');
    const script = await scriptFor(shell);
    writeFileSync(file, script);
    expect(script).toContain('generate');
    const { error, status } = spawnSync(shell, ['-n', file]);
    if (error === undefined) expect(status).toBe(0);
  });

  it('is refused for one that it does not know', async () => {
    expect(await cli(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh, fish'),
    });
  });
});
