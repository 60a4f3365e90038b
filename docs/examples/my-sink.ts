// A sink that keeps one line of JSON for each generation in a file, as a plugin, and the proof that it keeps its contract.
import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipeline } from 'scriptorium';
import { definePlugin, text } from 'scriptorium/plugin';
import type { Plugin, Stat, StatSink } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { SINK_PROMISES } from 'scriptorium/testing';

// 1. The sink. Everybody waits for `record`, so it only queues; `flush` writes what is queued.

const MOST_QUEUED = 10_000;

class Diary implements StatSink {
  readonly name = 'diary';
  private queue: string[] = [];

  constructor(private readonly file: string) {}

  record(stat: Stat): void {
    // Where nobody flushes, the newest are given up: a sink must not fill the memory.
    if (stat.type !== 'generation-end' || this.queue.length >= MOST_QUEUED) return;
    const { startedAt, model, outcome, usage, labels } = stat;
    this.queue.push(JSON.stringify({ startedAt, model, outcome, tokens: usage.inputTokens + usage.outputTokens, labels }));
  }

  async flush(): Promise<void> {
    const lines = this.queue.splice(0);
    if (lines.length > 0) await appendFile(this.file, `${lines.join('\n')}\n`);
  }
}

// 2. The plugin. A pipeline flushes its sinks when it is disposed; this one also writes as it goes.

const diary = (options: { readonly file?: string } = {}): Plugin => definePlugin({
  name: 'diary',
  apiVersion: 1,
  config: { file: { doc: 'Where the lines go', format: text, default: 'diary.jsonl' } },
  options,
  setup: (host) => {
    const sink = new Diary(host.config.file);
    let cancel = (): void => undefined;
    const writeSoon = (): void => {
      cancel = host.clock.setTimer(10_000, () => {
        sink.flush().catch((error: unknown) => host.logger.warn('the diary cannot be written', { reason: String(error) }));
        writeSoon();
      });
    };
    writeSoon();
    host.onDispose(() => cancel());
    host.addStatSink(sink);
  },
});

// 3. The proof. In a test runner: describeSink('diary', () => new Diary(file)).

const folder = await mkdtemp(join(tmpdir(), 'diary-'));
for (const [promise, check] of Object.entries(SINK_PROMISES)) {
  await check(() => new Diary(join(folder, 'proof.jsonl')));
  console.log(`diary ${promise}`);
}

const file = join(folder, 'diary.jsonl');
const pipeline = await createPipeline({ plugins: [openrouter(), diary({ file })] });
await pipeline.generate({ prompt: 'Write a sentence.', maxTokens: 20, labels: { book: 'ada' } });
await pipeline.dispose();
console.log(await readFile(file, 'utf8'));
