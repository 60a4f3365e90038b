import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openJournal } from '../../plugins/runs/engine/open-journal.js';
import { tokensOf } from '../../src/emulator/tokens.js';
import { systemClock } from '../../src/plugin.js';
import type { CrashScene } from './scene.js';
import { promptOf } from './scene.js';

/** Tokens that an item in flight had been sent, and that the journal does not have. */
export interface Loss {
  readonly id: string;
  readonly tokens: number;
}

/** The characters of each chapter that the vendor has sent by now in answers that have not ended. */
export function sentSoFar(scene: CrashScene): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  for (const { outcome, body, text } of scene.emulator.requests) {
    if (outcome !== 'running' || text === '') continue;
    const { messages = [] } = (body ?? {}) as { messages?: readonly { role: string; content: string }[] };
    const id = scene.ids.find((each) => promptOf(each) === messages.find(({ role }) => role === 'user')?.content);
    const given = messages.at(-1)?.role === 'assistant' ? (messages.at(-1)?.content.length ?? 0) : 0;
    if (id !== undefined) sent.set(id, given + text.length);
  }
  return sent;
}

/** Compares what was sent with the journal of a dead process. A file is not opened itself, so that the next process repairs it. */
export async function lossOf(scene: CrashScene, sent: ReadonlyMap<string, number>): Promise<readonly Loss[]> {
  const texts = await journalledTexts(scene);
  return [...sent].map(([id, characters]) => {
    const kept = texts.get(id)?.length ?? 0;
    return { id, tokens: tokensOf(scene.textOf(id).slice(kept, Math.max(kept, characters))).length };
  });
}

async function journalledTexts(scene: CrashScene): Promise<ReadonlyMap<string, string>> {
  const file = fileOf(scene);
  if (file !== undefined && !existsSync(file)) return new Map();
  const copy = mkdtempSync(join(tmpdir(), 'scriptorium-journal-'));
  if (file !== undefined) cpSync(dirname(file), copy, { recursive: true, filter: (path) => !path.endsWith('-shm') });
  const address = file === undefined ? scene.journal : `sqlite:${join(copy, 'runs.db')}`;
  const { journal, close } = await openJournal(address, { clock: systemClock });
  try {
    const runs = await journal.runs();
    const records = await Promise.all(runs.map(({ id }) => journal.records(id)));
    return new Map(records.flat().map(({ item, text }) => [item, text]));
  } finally {
    await close();
    rmSync(copy, { recursive: true });
  }
}

function fileOf({ journal }: CrashScene): string | undefined {
  return journal.startsWith('sqlite:') ? journal.slice('sqlite:'.length) : undefined;
}
