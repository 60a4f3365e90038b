// Generates over the default transport, with limits and budgets; with the argument "worker", in a worker thread.
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';

if (isMainThread && process.argv[2] === 'worker') {
  new Worker(fileURLToPath(import.meta.url));
} else {
  const emulator = await startEmulator();
  const pipeline = await createPipeline({
    plugins: [openrouter({ apiKey: 'any', baseUrl: emulator.url })],
    config: {
      defaults: { model: 'scriptorium/exact' },
      rateLimit: { requestsPerDay: 100 },
      budget: { generationUsd: 1 },
    },
  });
  const result = await pipeline.generate({ prompt: 'Begin.', maxTokens: 5, labels: { book: 'a' } });
  await pipeline.dispose();
  await emulator.close();
  console.log(JSON.stringify({ isMainThread, hasText: result.text !== '', finish: result.finishReason.unified }));
}
