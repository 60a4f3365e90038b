// Every attempt goes into a SQLite file, which anything can ask afterwards. Install its driver: npm i libsql@0.5
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { createPipeline, pluginCommands } from 'scriptorium';
import { ledger } from 'scriptorium/plugins/ledger';
import { openrouter } from 'scriptorium/plugins/openrouter';

const file = join(await mkdtemp(join(tmpdir(), 'ledger-')), 'ledger.db'); // in a project: 'ledger.db'
const pipeline = await createPipeline({ plugins: [openrouter(), ledger({ file })] });
for (const chapter of ['1', '2'])
  await pipeline.generate({ prompt: `Write chapter ${chapter}.`, labels: { book: 'ada', chapter } });
await pipeline.dispose(); // all is in the ledger from here on

const database = new Database(file);
const [row] = database
  .prepare(
    `
  SELECT label_value AS book, COUNT(*) AS attempts, SUM(cost_pico) / 1e12 AS dollars
  FROM labelled_attempts WHERE label = 'book' GROUP BY label_value`,
  )
  .all() as { book: string; attempts: number; dollars: number }[];
database.close();
console.log(`${row?.book}: ${row?.attempts} attempts, $${row?.dollars.toFixed(6)}`);

// What `scriptorium stats --by label:book` prints.
const { commands, dispose } = await pluginCommands({ plugins: [ledger({ file })] });
await commands.find(({ name }) => name === 'stats')?.run(['--by', 'label:book']);
await dispose();
