import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HANGS_AFTER_MS } from '../support/hangs.js';
import { scriptServer } from '../support/script-server.js';
import { answers } from '../support/wire.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The wall clock of all processes stands still, so that no day ends in the middle of a test. */
const NOON = Date.UTC(2026, 0, 1, 12);
const MIDNIGHT = Date.UTC(2026, 0, 2);

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
    import { createPipeline, tokens } from 'scriptorium';
    import { openrouter } from 'scriptorium/plugins/openrouter';
    const config = { stateFile: '${stateFile}', rateLimit: { requestsPerDay: 50 }, logging: { level: 'silent' }, defaults: { model: 'a/model' } };
    const clock = { now: () => ${NOON}, monotonic: () => performance.now(), setTimer: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); } };
    const register = (container) => container.register(tokens.CLOCK, { useValue: clock });
    const pipeline = await createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: '${url}' })], config, register });
    const report = { succeeded: 0, failures: [] };
    const call = () => pipeline.generate({ prompt: 'Begin.' }).then(() => { report.succeeded += 1; }, ({ code, retryAt, attempts }) => report.failures.push({ code, retryAt, attempts: attempts.length }));
    if (${atOnce}) await Promise.all(Array.from({ length: ${calls} }, call));
    else for (let made = 0; made < ${calls}; made += 1) await call();
    process.stdout.write(JSON.stringify(report));
    await pipeline.dispose();
  `;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      cwd: ROOT,
      timeout: HANGS_AFTER_MS,
    });
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
  ])('the 51st fails with the next midnight (UTC), in a new process too: %s', async (_, atOnce) => {
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
    const spent = { code: 'quota', retryAt: MIDNIGHT, attempts: 0 };
    expect(toTheSecond(first)).toEqual({ succeeded: 50, failures: [spent] });
    expect(toTheSecond(second)).toEqual({ succeeded: 0, failures: [spent] });
    expect(server.requests).toHaveLength(50);
  });
});
