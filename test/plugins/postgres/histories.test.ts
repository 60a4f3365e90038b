import { afterAll, beforeAll, it } from '@jest/globals';
import { describeWith } from '../../support/services/needs.js';
import { runs } from '../../support/runs.js';
import { compareWithMemory, START, surroundings } from '../runs/histories/play.js';
import type { Played } from '../runs/histories/play.js';
import { clockedDatabase } from './journals.js';
import type { ClockedDatabase } from './journals.js';

describeWith(['postgresql'], 'histories of runs', () => {
  let database: ClockedDatabase;
  let played: Played;
  beforeAll(async () => {
    database = await clockedDatabase();
    const { parts, ...rest } = surroundings();
    played = { journals: [await database.open(parts), await database.open(parts)], ...rest };
  });
  afterAll(async () => {
    for (const journal of played.journals) await journal.close();
    await database.remove();
  });

  it('give the same answers and the same state on PostgreSQL as in memory', async () => {
    await compareWithMemory(async () => {
      await database.empty();
      played.clock.set(START);
      played.dead.clear();
      return played;
    }, runs());
  });
});
