import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Fails three times, with some lines in the log each time. */
const PROGRAM = `
  import { createPipeline } from 'scriptorium';
  import { openrouter } from 'scriptorium/plugins/openrouter';
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'a-key-of-mine', baseUrl: 'http://127.0.0.1:9/api/v1' })],
    config: { logging: { level: 'debug' }, retry: { maxAttempts: 2, baseMs: 1, capMs: 1 }, defaults: { model: 'a/model' } },
  });
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let call = 0; call < 3; call += 1)
    await pipeline.generate({ prompt: 'Begin.' }).catch((error) => process.stdout.write(error.code + ' '));
  await pipeline.dispose();
  process.stdin.destroy();
  process.stdout.write('alive');
`;

/** Runs the program, whose stderr nothing can be written to. */
function run(stderr: number | 'closed'): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', stderr === 'closed' ? 'pipe' : stderr],
    });
    let output = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.on('close', (code) => resolve({ code, output }));
    child.stderr?.destroy();
    child.stdin?.write('go');
  });
}

const SURVIVED = { code: 0, output: 'retry-exhausted retry-exhausted retry-exhausted alive' };

describe('a log that cannot be written', () => {
  it('does not end the process if the pipe is closed', async () => {
    expect(await run('closed')).toEqual(SURVIVED);
  });

  (existsSync('/dev/full') ? it : it.skip)('does not end the process if the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    expect(await run(full)).toEqual(SURVIVED);
    closeSync(full);
  });
});
