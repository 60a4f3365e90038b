import pg from 'pg';
import type { ManualClock } from 'scriptorium/testing';
import type { Journal, JournalParts } from '../../../plugins/runs/index.js';
import { migrate, postgresJournal } from '../../../plugins/postgres/index.js';
import { startPostgres } from '../../support/services/postgres.js';
import type { PostgresServer } from '../../support/services/postgres.js';

const TABLES = ['runs', 'items', 'specs', 'dependants', 'chunks', 'attempts'];

/** A database with a journal whose clock is a manual one. */
export interface ClockedDatabase {
  readonly url: string;
  readonly server: PostgresServer;
  /** Runs a statement as another program. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Opens the journal anew, as another machine does. */
  open(parts: JournalParts & { readonly clock: ManualClock }): Promise<Journal>;
  /** Removes all runs. */
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a PostgreSQL with an empty journal, and lets `runs_now()` return the time of a manual clock. */
export async function clockedDatabase(settings: readonly string[] = []): Promise<ClockedDatabase> {
  const server = await startPostgres(['-c fsync=off', ...settings]);
  const url = server.createDatabase('books');
  await migrate(url);
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  await client.query('CREATE TABLE scriptorium.test_clock (now bigint)');
  await client.query('INSERT INTO scriptorium.test_clock VALUES (0)');
  await client.query(
    `CREATE OR REPLACE FUNCTION scriptorium.runs_now() RETURNS bigint LANGUAGE sql AS 'SELECT now FROM scriptorium.test_clock'`,
  );
  let shown: number | undefined;
  const show = async (clock: ManualClock): Promise<void> => {
    if (shown === clock.now()) return;
    shown = clock.now();
    await client.query('UPDATE scriptorium.test_clock SET now = $1', [shown]);
  };
  return {
    url,
    server,
    query: async (text, values = []) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
    open: async (parts) => clocked(await postgresJournal(url, parts), () => show(parts.clock)),
    empty: async () => {
      await client.query(`TRUNCATE ${TABLES.map((name) => `scriptorium.${name}`).join(', ')}`);
    },
    remove: async () => {
      await client.end();
      server.remove();
    },
  };
}

/** A journal before whose calls the store's clock is set. */
function clocked(journal: Journal, show: () => Promise<void>): Journal {
  return new Proxy(journal, {
    get(target, name: keyof Journal) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const call = (...args: readonly unknown[]): unknown => Reflect.apply(member, target, args);
      if (name === 'watch' || name === 'close') return call;
      return async (...args: readonly unknown[]) => {
        await show();
        return await call(...args);
      };
    },
  });
}
