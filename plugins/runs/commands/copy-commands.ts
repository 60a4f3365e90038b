import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GenerationError } from 'scriptorium';
import { shown } from 'scriptorium/plugin';
import { copyLines, readCopy } from '../batch-file/copy-lines.js';
import { messageOf } from '../batch-file/fs-error.js';
import { readLines } from '../batch-file/read-lines.js';
import type { Journal } from '../journal/journal.js';
import type { RunCopy } from '../journal/run-copy.js';
import type { RunStatus } from '../journal/run-status.js';
import { counted } from '../progress/format.js';
import { say } from '../progress/say.js';
import { audit } from '../receipt/audit.js';
import type { BatchCall } from './batch-parts.js';
import { runNamed, withExistingJournal, withJournal } from './open-existing.js';
import { quoted } from './work.js';

/**
 * `scriptorium batch export RUN --journal`: prints a run with everything that is kept of it. It is paused here, so that no text
 * is written twice.
 */
export function exportJournal(call: BatchCall): Promise<number> {
  const { stdout, stderr } = call.context;
  return withExistingJournal(call, async (journal) => {
    const run = await runNamed(journal, call.arguments.words[0] ?? '');
    const { items } = await copyOf(journal, run);
    await pipeline(Readable.from(copyLines({ run, items })), stdout, { end: false });
    say(stderr, shown`Copied "${run.name}" with ${counted(items.length, 'item')}.`);
    if (run.state === 'running')
      say(stderr, shown`It is paused in ${journal.name}. Go on with it in the other journal only.`);
    return 0;
  });
}

async function copyOf(journal: Journal, run: RunStatus): Promise<RunCopy> {
  if (journal.copyRun === undefined) throw refused(`The journal ${journal.name} cannot copy runs.`);
  refuseInFlight(run);
  if (run.state === 'running') await journal.pause(run.id);
  const copy = await journal.copyRun(run.id);
  refuseInFlight(copy.run);
  return copy;
}

function refuseInFlight({ name, items: { leased } }: RunStatus): void {
  if (leased === 0) return;
  throw refused(
    `${counted(leased, 'item')} of "${name}" ${leased === 1 ? 'is' : 'are'} in flight. Stop the workers, or wait for their end after: scriptorium batch pause ${quoted(name)}. Then export it again.`,
  );
}

/** `scriptorium batch import [FILE]`: adds such a run to the journal, and compares it with its digests. */
export async function importJournal(call: BatchCall): Promise<number> {
  const { stderr } = call.context;
  const [path] = call.arguments.words;
  const copy = await readCopy(readLines(path ?? process.stdin)).catch((error: unknown) => {
    throw refused(`${path ?? 'Standard input'} is not a run: ${messageOf(error)}`);
  });
  return withJournal(call, async (journal) => {
    if (journal.addRun === undefined) throw refused(`The journal ${journal.name} cannot take copies of runs.`);
    await journal.addRun(copy);
    const { name } = copy.run;
    say(stderr, shown`Added "${name}" with ${counted(copy.items.length, 'item')} to ${journal.name}.`);
    const findings = await audit(journal, { run: copy.run.id });
    if (findings.length > 0) {
      say(stderr, shown`${counted(findings.length, 'difference')} found. See: scriptorium audit ${quoted(name)}`);
      return 1;
    }
    if (copy.run.endedAt === undefined) say(stderr, shown`Go on with: scriptorium batch resume ${quoted(name)}`);
    return 0;
  });
}

function refused(message: string): GenerationError {
  return new GenerationError('invalid-input', message);
}
