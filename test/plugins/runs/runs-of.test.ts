import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runsOf, sqliteJournal } from 'scriptorium/plugins/runs';
import { ManualClock } from 'scriptorium/testing';
import { eventually } from '../../support/eventually.js';

const folders: string[] = [];
const aFile = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'runs-of-')));
  return join(folders.at(-1)!, 'runs.db');
};
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

const aSpec = (name: string, budgetUsd: number) => ({
  name,
  hash: name,
  labels: {},
  limits: { concurrency: 2, budgetUsd, tries: 3, restarts: 2 },
  items: ['1', '2'].map((id) => ({ id, input: { prompt: `Chapter ${id}.` }, isPriced: true })),
});

describe('the runs for the page of a gateway', () => {
  it('are none while there is no journal, and those of the journal once it is there, the latest first', async () => {
    const clock = new ManualClock();
    const file = aFile();
    const runs = runsOf(`sqlite:${file}`, clock);
    expect(runs()).toEqual([]);
    const journal = await sqliteJournal(file, { clock });
    await journal.createRun(aSpec('ada', 2));
    clock.advance(1);
    await journal.createRun(aSpec('grace', 0));
    await eventually(() => runs().length === 2);
    expect(runs()).toMatchObject([
      { name: 'grace', state: 'running', items: { done: 0, total: 2, failed: 0, parked: 0 }, words: 0, costUsd: 0 },
      { name: 'ada', budgetUsd: 2 },
    ]);
    expect(runs()[0]).not.toHaveProperty('budgetUsd');
    await journal.close();
  });

  it('say once why they cannot be read', async () => {
    const file = aFile();
    writeFileSync(file, 'Not a database, but long enough to be taken for one. '.repeat(100));
    const runs = runsOf(`sqlite:${file}`, new ManualClock());
    const problems: unknown[] = [];
    await eventually(() => {
      try {
        runs();
      } catch (error) {
        problems.push(error);
      }
      return problems.length > 0;
    });
    expect(String(problems[0])).toContain('runs.db');
  });
});
