// A short book into a folder. Start the program again after a crash, and it goes on where it was. Install: npm i libsql@0.5
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipeline } from 'scriptorium';
import { writeBook } from 'scriptorium/plugins/book';
import { openrouter } from 'scriptorium/plugins/openrouter';

const folder = join(await mkdtemp(join(tmpdir(), 'book-')), 'ada'); // in a project: 'ada'
const pipeline = await createPipeline({ plugins: [openrouter()] });
const outline = {
  title: 'Ada Lovelace',
  chapters: [{ title: 'Childhood', brief: 'Her first years.' }],
  canon: { people: [{ name: 'Ada Lovelace', born: 1815, died: 1852 }], events: [] },
};
const book = { subject: 'Ada Lovelace', chapters: 1, words: 60, sections: [], outline };

await writeBook(pipeline, book, { folder }).forEach((event) => {
  if (event.type === 'section-done') console.log(`${event.section}: ${event.warnings.length} warnings`);
  else if (event.type === 'book-end') console.log(event.state);
});
await pipeline.dispose();
