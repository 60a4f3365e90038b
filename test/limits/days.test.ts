import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { scriptServer } from '../support/script-server.js';
import { answers } from '../support/wire.js';
import { show } from './figures.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DAY_MS = 86_400_000;

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

interface Report {
  readonly succeeded: number;
  readonly failures: readonly { readonly code: string; readonly retryAt?: number; readonly attempts: number }[];
}

/** The limits give durations, which two readings of a clock add up to within a millisecond. */
function toTheSecond({ succeeded, failures }: Report): Report {
  return {
    succeeded,
    failures: failures.map((failure) => ({ ...failure, retryAt: Math.round((failure.retryAt ?? 0) / 1_000) * 1_000 })),
  };
}

/** A process of its own that makes so many calls, one after the other or all at once, and tells how they went. */
function run(
  url: string,
  stateFile: string,
  { calls, atOnce = false }: { readonly calls: number; readonly atOnce?: boolean },
): Promise<Report> {
  const source = `
    import { createPipeline } from 'scriptorium';
    import { openrouter } from 'scriptorium/plugins/openrouter';
    const config = { stateFile: '${stateFile}', rateLimit: { requestsPerDay: 50 }, logging: { level: 'silent' }, defaults: { model: 'a/model' } };
    const pipeline = await createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: '${url}' })], config });
    const report = { succeeded: 0, failures: [] };
    const call = () => pipeline.generate({ prompt: 'Begin.' }).then(() => { report.succeeded += 1; }, ({ code, retryAt, attempts }) => report.failures.push({ code, retryAt, attempts: attempts.length }));
    if (${atOnce}) await Promise.all(Array.from({ length: ${calls} }, call));
    else for (let made = 0; made < ${calls}; made += 1) await call();
    process.stdout.write(JSON.stringify(report));
    await pipeline.dispose();
  `;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd: ROOT, timeout: 20_000 });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      complaint += bytes.toString();
    });
    child.on('close', () => {
      if (output.startsWith('{')) resolve(JSON.parse(output) as Report);
      else reject(new Error(complaint));
    });
  });
}

describe('50 requests a day', () => {
  it.each([
    ['one after the other', false],
    ['all at once', true],
  ])(
    'the 51st fails with the next midnight (UTC), in a new process too: %s',
    async (how, atOnce) => {
      if (!existsSync(`${ROOT}/dist/src/index.js`))
        throw new Error('There is no dist/: run "npm run build" first, as "npm test" does.');
      const folder = mkdtempSync(join(tmpdir(), 'scriptorium-'));
      const server = await scriptServer(answers('Once.'));
      closings.push(
        () => rmSync(folder, { recursive: true }),
        () => server.close(),
      );
      const stateFile = join(folder, 'state.json');

      const first = await run(server.url, stateFile, { calls: 51, atOnce });
      const second = await run(server.url, stateFile, { calls: 1 });
      const midnight = (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
      const spent = { code: 'quota', retryAt: midnight, attempts: 0 };
      show(`50 a day, ${how}`, {
        served: server.requests.length,
        'refused in the first process': first.failures.length,
        'refused in the second': second.failures.length,
        retryAt: new Date(second.failures[0]?.retryAt ?? 0).toISOString(),
      });
      expect(toTheSecond(first)).toEqual({ succeeded: 50, failures: [spent] });
      expect(toTheSecond(second)).toEqual({ succeeded: 0, failures: [spent] });
      expect(server.requests).toHaveLength(50);
    },
    40_000,
  );
});
