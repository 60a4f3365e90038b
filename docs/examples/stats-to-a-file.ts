// Every attempt and generation as a line of JSON in a file, which is read when all is over.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipeline } from 'scriptorium';
import { jsonl } from 'scriptorium/plugins/jsonl';
import { openrouter } from 'scriptorium/plugins/openrouter';

const file = join(await mkdtemp(join(tmpdir(), 'stats-')), 'stats.jsonl'); // in a project: 'logs/stats.jsonl'
const pipeline = await createPipeline({ plugins: [openrouter(), jsonl({ file, maxBytes: 10_000_000, keep: 3 })] });
await pipeline.generate({ prompt: 'Write a sentence about the sea.', labels: { book: 'sea' } });
await pipeline.dispose(); // all is in the file from here on

for (const line of (await readFile(file, 'utf8')).trimEnd().split('\n')) {
  const { type, outcome, labels } = JSON.parse(line) as { type: string; outcome: string; labels: { book?: string } };
  console.log(`${type}: ${outcome}, ${labels.book}`);
}
