import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { sqliteJournal } from '../../../plugins/runs/index.js';
import { describeJournal, memoryJournal } from '../../../plugins/runs/testing/index.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

describeJournal('memory', memoryJournal);

describeJournal('sqlite', async (world) => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  folders.push(folder);
  const path = join(folder, 'runs.db');
  return [await sqliteJournal(path, world), await sqliteJournal(path, world)];
});
