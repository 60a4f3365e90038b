// A sink that keeps one line of JSON for each generation in a file, as a plugin, and the proof that it keeps its contract.
import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipeline } from 'scriptorium';
import { batched, definePlugin, text } from 'scriptorium/plugin';
import type { Plugin, PluginHost, StatSink } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { SINK_PROMISES, sinkOf } from 'scriptorium/testing';

// 1. The sink. Generations wait for `record`, so it only queues. `batched` is the queue: bounded and counted. It writes now and
// then, and tries again if the file cannot be written.

type Parts = Pick<PluginHost<{ readonly file: string }>, 'config' | 'clock' | 'logger'>;

function diarySink({ config: { file }, clock, logger }: Parts): StatSink {
  const write = (lines: readonly string[]): Promise<void> => appendFile(file, `${lines.join('\n')}\n`);
  const queue = batched<string>({ name: 'diary', clock, logger, write });
  return {
    name: 'diary',
    record: (stat) => {
      if (stat.type !== 'generation-end') return;
      const { startedAt, model, outcome, usage, labels } = stat;
      queue.add(JSON.stringify({ startedAt, model, outcome, tokens: usage.inputTokens + usage.outputTokens, labels }));
    },
    backlog: () => queue.counts,
    flush: () => queue.flush(),
    close: () => queue.close(),
  };
}

// 2. The plugin.

const diary = (options: { readonly file?: string } = {}): Plugin =>
  definePlugin({
    name: 'diary',
    apiVersion: 1,
    config: { file: { doc: 'Where the lines go', format: text, default: 'diary.jsonl' } },
    options,
    setup: (host) => host.addStatSink(diarySink(host)),
  });

// 3. The proof. In a test runner: describeSink('diary', () => sinkOf(diary({ file }))).

const folder = await mkdtemp(join(tmpdir(), 'diary-'));
for (const [promise, check] of Object.entries(SINK_PROMISES)) {
  await check((clock) => sinkOf(diary({ file: join(folder, 'proof.jsonl') }), { clock }));
  console.log(`diary ${promise}`);
}

const file = join(folder, 'diary.jsonl');
const pipeline = await createPipeline({ plugins: [openrouter(), diary({ file })] });
await pipeline.generate({ prompt: 'Write a sentence.', maxTokens: 20, labels: { book: 'ada' } });
await pipeline.dispose();
console.log(await readFile(file, 'utf8'));
