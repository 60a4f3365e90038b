import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ManualClock } from 'scriptorium/testing';
import { loadPg } from '../../../plugins/postgres/load-pg.js';
import { postgresJournal } from '../../../plugins/postgres/index.js';
import { RunError } from '../../../plugins/runs/index.js';
import type { Journal } from '../../../plugins/runs/index.js';
import {
  appendOf,
  claim,
  commitOf,
  LEASE_MS,
  queryOf,
  specOf,
  workerOf,
} from '../../../plugins/runs/testing/contract/builders.js';
import { eventually } from '../../support/eventually.js';
import { describeWith } from '../../support/services/needs.js';
import { aFreePort } from '../../support/services/process.js';
import { clockedDatabase } from './journals.js';
import type { ClockedDatabase } from './journals.js';

const clock = new ManualClock();

describeWith(['postgresql'], 'a journal on PostgreSQL', () => {
  let database: ClockedDatabase;
  beforeAll(async () => {
    database = await clockedDatabase();
    await database.query(`CREATE ROLE ada LOGIN PASSWORD 'secret'`);
  });
  afterAll(() => database.remove());

  async function refusalOf(url: string): Promise<unknown> {
    try {
      await postgresJournal(url, { clock });
      return 'opened';
    } catch (error) {
      return RunError.is(error) ? { code: error.code, message: error.message } : error;
    }
  }

  it('names a server that is not there', async () => {
    const port = await aFreePort();
    expect(await refusalOf(`postgres://ada:secret@127.0.0.1:${port}/books`)).toEqual({
      code: 'unavailable',
      message: `The journal postgres://127.0.0.1:${port}/books is not available: connect ECONNREFUSED 127.0.0.1:${port}. Check that PostgreSQL runs there, and the host and the port.`,
    });
  });

  it('names a database that is not there, and a user that is not admitted', async () => {
    const { port } = database.server;
    expect(await refusalOf(`postgres://postgres@127.0.0.1:${port}/none`)).toEqual({
      code: 'unavailable',
      message: `The journal postgres://127.0.0.1:${port}/none is not available: database "none" does not exist. Create the database, or name another one.`,
    });
    expect(await refusalOf(`postgres://grace:secret@127.0.0.1:${port}/books`)).toEqual({
      code: 'unavailable',
      message: `The journal postgres://127.0.0.1:${port}/books is not available: role "grace" does not exist. Check the user and the password, and that the server admits them (pg_hba.conf, sslmode).`,
    });
  });

  it('names a schema to which the user has no rights', async () => {
    const { port } = database.server;
    expect(await refusalOf(`postgres://ada:secret@127.0.0.1:${port}/books`)).toEqual({
      code: 'unavailable',
      message: `The journal postgres://127.0.0.1:${port}/books is not available: permission denied for schema scriptorium. Give the user the rights to the journal's schema.`,
    });
  });

  describe('whose server crashes', () => {
    let journal: Journal;
    let watched = 0;
    const back = async (): Promise<void> => {
      database.server.start();
      await eventually(() =>
        journal.runs().then(
          () => true,
          () => false,
        ),
      );
    };

    it('reports that it is away, goes on by itself, and has kept all that it had acknowledged', async () => {
      journal = await postgresJournal(database.url, { clock });
      await journal.createRun(specOf(['a', 'b']));
      const { lease } = await claim(journal);
      await journal.checkpoint(lease, { append: [appendOf(0, 'One ')] });
      database.server.stop('immediate');
      await expect(journal.checkpoint(lease, { append: [appendOf(4, 'two.')] })).rejects.toMatchObject({
        code: 'unavailable',
      });
      await back();
      await expect(journal.checkpoint(lease, { append: [appendOf(0, 'One ')] })).rejects.toMatchObject({
        code: 'wrong-offset',
      });
      await journal.checkpoint(lease, { append: [appendOf(4, 'two.')] });
      await journal.commit(lease, commitOf('One two.'));
      expect((await journal.records('book'))[0]).toMatchObject({ state: 'done', text: 'One two.' });
    });

    it('reports what has changed meanwhile to those who watch', async () => {
      const subscription = journal.watch('book').subscribe(() => (watched += 1));
      await eventually(() => watched > 0);
      database.server.stop('immediate');
      database.server.start();
      const other = await postgresJournal(database.url, { clock });
      watched = 0;
      await other.pause('book');
      await eventually(() => {
        clock.advance(1_000);
        return watched > 0;
      });
      watched = 0;
      await other.resume('book');
      await eventually(() => watched > 0);
      subscription.unsubscribe();
      await other.close();
      await journal.close();
      expect(clock.pending).toBe(0);
    });
  });

  it('waits for others of the same run, and loses no call to a deadlock or a conflict', async () => {
    const serializable = `${database.url}?options=-c%20default_transaction_isolation%3Dserializable`;
    const journals = [await postgresJournal(serializable, { clock }), await postgresJournal(serializable, { clock })];
    const [first, second] = journals as [Journal, Journal];
    const ids = Array.from({ length: 12 }, (_, index) => `i${index}`);
    await first.createRun(specOf(ids, { name: 'many', concurrency: 12, budgetUsd: 12 }));
    const query = queryOf(workerOf('w'), { run: (await first.status('many')).id });
    const write = async (journal: Journal): Promise<void> => {
      const { lease } = await claim(journal, undefined, query);
      await journal.commit(lease, commitOf('', 'Text.'));
    };
    await Promise.all(ids.map((_, index) => write(index % 2 === 0 ? first : second)));
    expect(await first.status('many')).toMatchObject({ state: 'done', words: 12 });
    await first.close();
    await second.close();
  });

  it('refuses every call once it is closed', async () => {
    const journal = await postgresJournal(database.url, { clock });
    await journal.close();
    await expect(journal.runs()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('asks its server once for each checkpoint, renewal and end', async () => {
    const journal = await postgresJournal(database.url, { clock });
    const { run } = await journal.createRun(specOf(['x'], { name: 'counted' }));
    const { lease } = await claim(journal, 'x', queryOf(workerOf('v', 'elsewhere'), { run: run.id }));
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await journal.checkpoint(lease, { append: [appendOf(0, 'One ')] });
    await journal.renew(lease, LEASE_MS);
    await journal.commit(lease, commitOf('One ', 'two.'));
    const calls = query.mock.calls as readonly (readonly unknown[])[];
    const sent = calls.map(([config]) => (config as { readonly text: string }).text.replace(/\(.*/, ''));
    query.mockRestore();
    expect(sent).toEqual(['checkpoint', 'renew', 'commit_item'].map((name) => `SELECT scriptorium.${name}`));
    await journal.close();
  });
});

describe('a program without the package pg', () => {
  it('reads how to install it', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadPg(() => Promise.reject(missing))).rejects.toMatchObject({
      code: 'unavailable',
      message: 'A journal on PostgreSQL needs the package pg, which is not installed: npm i pg@8',
    });
  });
});
