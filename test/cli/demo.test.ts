import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startDemo } from '../../src/cli/demo.js';

it.each(['stdout', 'stderr'] as const)("the demo writes at a reader's pace where %s is a terminal", async (watched) => {
  const demo = await startDemo({
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    folder: process.cwd(),
    signals: new EventEmitter(),
    exitWith: () => undefined,
    [watched]: Object.assign(new PassThrough(), { isTTY: true }),
  });
  const pipeline = await createPipeline({ environment: {}, plugins: [openrouter()], config: demo.config });
  const startedAt = performance.now();
  await pipeline.generate({ prompt: 'Begin.', maxTokens: 20 });
  // 20 tokens at 80 a second. The last one may come at once, and timers may be a little early.
  expect(performance.now() - startedAt).toBeGreaterThan(200);
  await pipeline.dispose();
  await demo.close();
});
