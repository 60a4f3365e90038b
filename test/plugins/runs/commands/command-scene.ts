import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { GenerationError } from 'scriptorium';
import { sqliteJournal } from 'scriptorium/plugins/runs';
import { ManualClock } from 'scriptorium/testing';
import { auditCommand } from '../../../../plugins/runs/commands/audit-command.js';
import { batchCommand } from '../../../../plugins/runs/commands/batch-command.js';
import type { BatchSettings } from '../../../../plugins/runs/commands/batch-parts.js';
import type { Journal } from '../../../../plugins/runs/journal/journal.js';

/** The end of a command: its exit code, or the message of its error. */
export interface CommandEnd {
  readonly code: number | undefined;
  readonly error: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a journal, and the commands that work with it. */
export interface CommandScene {
  readonly folder: string;
  readonly clock: ManualClock;
  /** Opens the journal, and makes it if it is not there. */
  journal(): Promise<Journal>;
  /** Runs `batch`. The signal stops it. */
  batch(args: readonly string[], signal?: AbortSignal): Promise<CommandEnd>;
  audit(args: readonly string[]): Promise<CommandEnd>;
}

/** 12:00 on 2026-11-28, UTC. */
export const NOON = Date.UTC(2026, 10, 28, 12);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export function commandScene(): CommandScene {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const clock = new ManualClock(NOON);
  const file = join(folder, 'runs.db');
  const settings: BatchSettings = {
    ...{ journal: `sqlite:${file}`, concurrency: 4, checkpointMs: 250, leaseMs: 30_000 },
    ...{ patienceMs: 90_000, tries: 5, restarts: 2 },
  };
  const commands = {
    batch: batchCommand({ name: 'batch', settings, clock, queue: () => undefined }),
    audit: auditCommand({ name: 'audit', settings, clock }),
  };
  const run = async (name: keyof typeof commands, args: readonly string[], signal = new AbortController().signal) => {
    const output = { stdout: '', stderr: '' };
    const end = await commands[name]
      .run(args, {
        ...streams(output),
        signal,
        openPipeline: () => Promise.reject(new Error('No pipeline is needed.')),
      })
      .then((code) => ({ code, error: undefined }), failure);
    return { ...end, ...output };
  };
  return {
    ...{ folder, clock },
    journal: async () => {
      const journal = await sqliteJournal(file, { clock });
      ends.push(() => journal.close());
      return journal;
    },
    batch: (args, signal) => run('batch', args, signal),
    audit: (args) => run('audit', args),
  };
}

/** Other errors are mistakes in the program. */
function failure(error: unknown): Pick<CommandEnd, 'code' | 'error'> {
  if (!(error instanceof GenerationError)) throw error;
  return { code: undefined, error: error.message };
}

function streams(output: { stdout: string; stderr: string }): { readonly stdout: Writable; readonly stderr: Writable } {
  const into = (name: keyof typeof output) =>
    new Writable({
      decodeStrings: false,
      write: (text: string, _, done) => {
        output[name] += text;
        done();
      },
    });
  return { stdout: into('stdout'), stderr: into('stderr') };
}
