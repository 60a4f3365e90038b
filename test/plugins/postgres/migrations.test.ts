import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemClock } from 'scriptorium/plugin';
import { addressOf } from '../../../plugins/postgres/address.js';
import { Database } from '../../../plugins/postgres/database.js';
import { migrate, postgresJournal } from '../../../plugins/postgres/index.js';
import { loadPg } from '../../../plugins/postgres/load-pg.js';
import { migrate as migrateTo } from '../../../plugins/postgres/migrate.js';
import { VERSIONS } from '../../../plugins/postgres/schema/versions.js';
import { openJournal } from '../../../plugins/runs/engine/open-journal.js';
import { specOf } from '../../../plugins/runs/testing/contract/builders.js';
import { describeWith } from '../../support/services/needs.js';
import { startPostgres } from '../../support/services/postgres.js';
import type { PostgresServer } from '../../support/services/postgres.js';

const PRESENT = VERSIONS.length;

describeWith(['postgresql'], 'the schema of a journal on PostgreSQL', () => {
  let server: PostgresServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres(['-c fsync=off']);
  });
  afterAll(() => server.remove());

  const aDatabase = (): string => server.createDatabase(`d${(databases += 1)}`);
  const nameOf = (url: string): string => url.replace('postgres@', '');
  const open = (url: string) => postgresJournal(url, { clock: systemClock });
  async function run(url: string, text: string): Promise<readonly unknown[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query<object>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('is never made silently', async () => {
    const url = aDatabase();
    await expect(open(url)).rejects.toMatchObject({
      code: 'invalid-spec',
      message: `The journal ${nameOf(url)} has no tables yet. Prepare it with: scriptorium batch migrate`,
    });
    expect(await run(url, `SELECT 1 FROM pg_namespace WHERE nspname = 'scriptorium'`)).toEqual([]);
  });

  it('is made by a migration, once, also where several machines migrate at the same time', async () => {
    const url = aDatabase();
    const migrations = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(migrations.map(({ from }) => from).sort()).toEqual([0, PRESENT, PRESENT]);
    expect(migrations.map(({ to }) => to)).toEqual([PRESENT, PRESENT, PRESENT]);
    const { journal, close } = await openJournal(url, { clock: systemClock });
    expect(await journal.runs()).toEqual([]);
    await close();
  });

  it('has the name of the address, and keeps apart what is in others', async () => {
    const url = aDatabase();
    const other = `${url}?schema=second_books`;
    await migrate(url);
    await migrate(other);
    const [first, second] = [await open(url), await open(other)];
    await first.createRun(specOf(['a']));
    expect({ name: second.name, runs: await second.runs() }).toEqual({
      name: `${nameOf(url)}?schema=second_books`,
      runs: [],
    });
    await first.close();
    await second.close();
  });

  it('is refused if a newer program has written it, and this one does not know its calls', async () => {
    const url = aDatabase();
    await migrate(url);
    await run(url, `UPDATE scriptorium.journal SET version = ${PRESENT + 1}, oldest = ${PRESENT + 1}`);
    const refusal = {
      code: 'newer-journal',
      message: `The journal ${nameOf(url)} has version ${PRESENT + 1}, and this program knows up to ${PRESENT}. Install the newer scriptorium that wrote it, or use another journal.`,
    };
    await expect(open(url)).rejects.toMatchObject(refusal);
    await expect(migrate(url)).rejects.toMatchObject(refusal);
  });

  it('is used by the version before, as long as workers of both work side by side', async () => {
    const url = aDatabase();
    await migrate(url);
    await run(url, `UPDATE scriptorium.journal SET version = ${PRESENT + 1}, oldest = ${PRESENT}`);
    const journal = await open(url);
    expect((await journal.createRun(specOf(['a']))).isNew).toBe(true);
    await journal.close();
    expect(await migrate(url)).toEqual({ from: PRESENT + 1, to: PRESENT + 1 });
  });

  describe('brought to a later version', () => {
    const database = async (url: string): Promise<Database> => new Database(await loadPg(), addressOf(url));
    const later = [...VERSIONS, { oldest: PRESENT, script: 'ALTER TABLE scriptorium.runs ADD COLUMN colour text;' }];

    it('keeps what is there', async () => {
      const url = aDatabase();
      await migrate(url);
      const journal = await open(url);
      await journal.createRun(specOf(['a']));
      const migrated = await database(url);
      expect(await migrateTo(migrated, later)).toEqual({ from: PRESENT, to: PRESENT + 1 });
      expect(await run(url, 'SELECT name, colour FROM scriptorium.runs')).toEqual([{ name: 'book', colour: null }]);
      expect((await journal.status('book')).items.ready).toBe(1);
      await migrated.close();
      await journal.close();
    });

    it('stays as it was if a step fails', async () => {
      const url = aDatabase();
      await migrate(url);
      const broken = await database(url);
      const steps = [...later, { oldest: PRESENT, script: 'ALTER TABLE scriptorium.missing ADD COLUMN a text;' }];
      await expect(migrateTo(broken, steps)).rejects.toMatchObject({ code: 'unavailable' });
      expect(await run(url, 'SELECT version FROM scriptorium.journal')).toEqual([{ version: PRESENT }]);
      await broken.close();
      const journal = await open(url);
      await journal.close();
    });
  });
});

describe('the address of a journal on PostgreSQL', () => {
  it('is named without user and password', () => {
    expect(addressOf('postgres://ada:secret@db.example:5433/books?sslmode=require&schema=drafts')).toMatchObject({
      connectionString: 'postgres://ada:secret@db.example:5433/books?sslmode=require',
      schema: 'drafts',
      name: 'postgres://db.example:5433/books?schema=drafts',
    });
  });

  it('is refused with a schema that is not a plain name', () => {
    expect(() => addressOf('postgres://db/books?schema=a;b')).toThrow(
      'The schema in the address of the journal is "a;b"',
    );
  });

  it('is refused without its password if it is not a URL', () => {
    expect(() => addressOf('postgres://ada:se#cret[@db/books')).toThrow(
      /^The address of the journal is not a URL\. Use [^#[]*$/,
    );
  });
});
