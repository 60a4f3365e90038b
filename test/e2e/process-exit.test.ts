import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { tap } from 'rxjs';
import { AbortError } from 'scriptorium';
import type { InterceptorDefinition } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { HANGS_AFTER_MS } from '../support/hangs.js';
import { failureOf } from '../support/pipelines.js';
import { aScene, success } from '../support/scene.js';
import { transportName } from '../support/transports.js';
import { answers, chunk, delta, goodStream, SSE_HEAD } from '../support/wire.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A program that makes one call and does no more; `dispose` is left out on purpose. It prints when nothing is left to do, and
 * for which timers it has waited. The end of a body may take a second.
 */
const program = (url: string, call: string): string => `
  import { createPipeline } from 'scriptorium';
  import { openrouter } from 'scriptorium/plugins/openrouter';
  import { undici } from 'scriptorium/plugins/undici';
  const [fired, setTimer] = [[], globalThis.setTimeout];
  globalThis.setTimeout = (run, ms, ...values) => setTimer((...given) => { fired.push(ms); run(...given); }, ms, ...values);
  process.once('beforeExit', () => process.stdout.write(', ended after timers of [' + fired.filter((ms) => ms > 1_000) + '] ms'));
  const pipeline = await createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: '${url}' }), undici()], config: { transport: '${transportName}', logging: { level: 'silent' }, defaults: { model: 'a/model' } } });
  ${call}
`;

const ONE_CALL = 'process.stdout.write((await pipeline.generate({ prompt: "Begin." })).text);';

/** Runs a program against what `npm run build` made. */
function run(source: string): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: HANGS_AFTER_MS,
    });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('a program', () => {
  beforeAll(() => {
    if (!existsSync(`${ROOT}/dist/src/index.js`))
      throw new Error('There is no dist/: run "npm run build" first, as "npm test" does.');
  });

  it.each([
    ['after a streamed answer on a kept connection', [answers('One.')], ONE_CALL, 'One.'],
    [
      'after a failure',
      [[{ request: true }, { write: 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n' }]],
      'await pipeline.generate({ prompt: "Begin." }).catch((error) => process.stdout.write(error.code));',
      'authentication',
    ],
    [
      'after leaving in the middle of a stream',
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('One')) }, { stall: true }]],
      'const subscription = pipeline.text({ prompt: "Begin." }).subscribe((delta) => { process.stdout.write(delta); subscription.unsubscribe(); });',
      'One',
    ],
    ['without any call', [answers('One.')], 'process.stdout.write("idle");', 'idle'],
  ] as const)('120: exits by itself %s, though the pipeline was not disposed', async (...[, scripts, call, output]) => {
    const { server } = await aScene(scripts);
    expect(await run(program(server.url, call))).toEqual({
      code: 0,
      output: `${output}, ended after timers of [] ms`,
    });
  });
});

describe('disposing', () => {
  it('120: aborts what is in flight and closes its socket', async () => {
    const seen: string[] = [];
    const watching: InterceptorDefinition = {
      name: 'watching',
      phase: 'observe',
      intercept: (request, next) => next(request).pipe(tap(({ type }) => seen.push(type))),
    };
    const { pipeline, server, sink, clock } = await aScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }]],
      { interceptors: [watching] },
    );
    const work = failureOf(pipeline.generate({ prompt: 'Begin.' }));
    await eventually(() => seen.includes('text-delta'));
    await pipeline.dispose();
    const error = await work;
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ code: 'aborted', partial: { text: 'Once ' }, attempts: [{ outcome: 'cancelled' }] });
    expect(clock.pending).toBe(0);
    await eventually(() => server.openSockets() === 0);
    expect(sink.generations).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('120: closes connections that are kept for later', async () => {
    const { pipeline, server } = await aScene([answers('One.')]);
    await success(pipeline);
    expect(server.openSockets()).toBe(1);
    await pipeline.dispose();
    await eventually(() => server.openSockets() === 0);
  });

  it('120: makes later calls fail without a request', async () => {
    const { pipeline, server } = await aScene([answers('One.')]);
    await pipeline.dispose();
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toBeInstanceOf(AbortError);
    expect(server.connections).toBe(0);
  });

  it('120: does not wait for a server that keeps a finished answer open', async () => {
    const clock = CountingClock.still();
    const { pipeline, server } = await aScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(goodStream('One.')) }, { stall: true }]],
      { clock },
    );
    await success(pipeline);
    await pipeline.dispose();
    await eventually(() => server.openSockets() === 0 && clock.pending === 0);
  });
});
