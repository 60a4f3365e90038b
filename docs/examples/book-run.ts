// A book as a durable run: start the program again after a crash, and it goes on where it was. Install: npm i libsql@0.5
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from 'scriptorium/plugin';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { audit, receiptOf, runBatch, sqliteJournal } from 'scriptorium/plugins/runs';

const file = join(await mkdtemp(join(tmpdir(), 'runs-')), 'runs.db'); // in a project: 'runs.db'
const pipeline = await createPipeline({ plugins: [openrouter()] });
const journal = await sqliteJournal(file, { clock: systemClock });

const chapters = ['Childhood', 'The engine'].map((title, index) => ({
  id: `chapter-${index + 1}`,
  input: { prompt: `Write the chapter "${title}" of a biography of Ada Lovelace.`, maxTokens: 80 },
}));
const summary = {
  id: 'summary',
  after: chapters.map(({ id }) => id), // written when both chapters are done
  input: { prompt: 'Write a summary of a biography of Ada Lovelace.', maxTokens: 40 },
};

await runBatch(pipeline, [...chapters, summary], { journal, name: 'ada', concurrency: 2, budgetUsd: 5 }).forEach(
  (event) => {
    if (event.type === 'item-done') {
      const { spans, sha256 } = receiptOf(event.record);
      console.log(`${event.item}: ${spans.length} span(s), SHA-256 of ${sha256.length} digits`);
    } else if (event.type === 'item-parked') console.log(`${event.item} is parked: ${event.reason}`);
    else if (event.type === 'run-end') console.log(`${event.run.name}: ${event.run.state}`);
  },
);

const findings = await audit(journal, { run: 'ada' });
console.log(`differences: ${findings.length}`);
await journal.close();
await pipeline.dispose();
