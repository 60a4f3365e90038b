import { resolve } from 'node:path';
import { shown } from 'scriptorium/plugin';
import { checkOutput, writeOutput } from '../batch-file/output-file.js';
import { recordsOf } from '../batch-file/output-lines.js';
import { writeTexts } from '../batch-file/text-files.js';
import { counted } from '../progress/format.js';
import { say } from '../progress/say.js';
import { exportJournal } from './copy-commands.js';
import { wrong } from './batch-arguments.js';
import type { BatchCall } from './batch-parts.js';
import { runNamed, withExistingJournal } from './open-existing.js';

/** `scriptorium batch export`: writes the answers of a run once more, and its texts. Nothing is sent. */
export function exportRun(call: BatchCall): Promise<number> {
  const { words, output: given, texts, journal: isWhole, order = 'input', force } = call.arguments;
  const { stderr } = call.context;
  if (isWhole && (given !== undefined || texts !== undefined))
    throw wrong('--journal prints the whole run; use it without -o and --texts.');
  if (isWhole) return exportJournal(call);
  if (given === undefined && texts === undefined)
    throw wrong('-o or --texts is missing: the file of the answers, or the folder of the texts.');
  return withExistingJournal(call, async (journal) => {
    const run = await runNamed(journal, words[0] ?? '');
    if (given !== undefined) {
      const output = { path: resolve(given), order, force };
      await checkOutput(output, run.id);
      const written = await writeOutput(journal, run, output);
      if (written === undefined) say(stderr, shown`No item of "${run.name}" has ended yet; nothing was written.`);
      else if (written.isWhole) say(stderr, shown`Wrote ${written.path}`);
      else say(stderr, shown`The run has not ended. The answers so far are in ${written.path}`);
    }
    if (texts !== undefined) {
      const count = await writeTexts(resolve(texts), recordsOf(journal, run.id));
      say(stderr, shown`Wrote ${counted(count, 'text')} into ${texts}`);
    }
    return 0;
  });
}
