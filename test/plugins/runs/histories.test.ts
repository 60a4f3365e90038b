import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { sqliteJournal } from '../../../plugins/runs/index.js';
import { runs } from '../../support/runs.js';
import { compareWithMemory, START, surroundings } from './histories/play.js';
import type { Played } from './histories/play.js';

const folder = mkdtempSync(join(tmpdir(), 'histories-'));
let file: Promise<Played> | undefined;
afterAll(async () => {
  for (const journal of (await file)?.journals ?? []) await journal.close();
  rmSync(folder, { recursive: true });
});

/** Two processes over one file. It is opened once, since libsql keeps closed files open for a while. */
async function opened(): Promise<Played> {
  const { parts, ...rest } = surroundings();
  const path = join(folder, 'runs.db');
  return { journals: [await sqliteJournal(path, parts), await sqliteJournal(path, parts)], ...rest };
}

/** The file as if it were new. */
async function inFile(): Promise<Played> {
  const played = await (file ??= opened());
  const [journal] = played.journals;
  for (const { id, state } of await journal.runs()) if (state !== 'done') await journal.cancel(id);
  await journal.prune(-Number.MAX_SAFE_INTEGER);
  played.clock.set(START);
  played.dead.clear();
  return played;
}

describe('histories of runs', () => {
  it('give the same answers and the same state on SQLite as in memory', async () => {
    await compareWithMemory(inFile, runs());
  });
});
