import { afterAll, beforeAll } from '@jest/globals';
import { describeJournal } from '../../../plugins/runs/testing/index.js';
import { describeWith } from '../../support/services/needs.js';
import { clockedDatabase } from './journals.js';
import type { ClockedDatabase } from './journals.js';

describeWith(['postgresql'], 'on PostgreSQL', () => {
  let database: ClockedDatabase;
  beforeAll(async () => {
    database = await clockedDatabase();
  });
  afterAll(() => database.remove());

  describeJournal('postgres', async (world) => {
    await database.empty();
    return [await database.open(world), await database.open(world)];
  });
});
