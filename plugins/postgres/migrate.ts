import type pg from 'pg';
import { RunError } from 'scriptorium/plugins/runs';
import type { Database } from './database.js';
import { toRunError } from './failure.js';
import { scriptFor, VERSIONS } from './schema/versions.js';

/** The versions of a schema before and after a migration. */
export interface Migration {
  readonly from: number;
  readonly to: number;
}

interface Found {
  readonly version: number;
  readonly oldest: number;
}

/**
 * Makes sure that the schema is there, and that this program knows it. @throws RunError `unavailable` if it must be migrated
 * first; `newer-journal`
 */
export async function checkVersion(database: Database, versions = VERSIONS): Promise<void> {
  const { schema } = database.address;
  const found = await database.one<Found>(`SELECT version, oldest FROM ${schema}.journal`).catch((error: unknown) => {
    if (error instanceof RunError && /^(3F000|42P01)$/.test(codeOf(error.cause))) return undefined;
    throw error;
  });
  if (found === undefined) throw notPrepared(database, 'has no tables yet');
  refuseNewer(found, database, versions.length);
  if (found.version < versions.length)
    throw notPrepared(database, `has version ${found.version}, and this program needs ${versions.length}`);
}

/** Brings the schema to the present version, in one transaction. Others wait meanwhile. @throws RunError */
export async function migrate(database: Database, versions = VERSIONS): Promise<Migration> {
  const client = await database.connect();
  try {
    return await steps(client, database, versions);
  } catch (error) {
    throw toRunError(error, database.address);
  } finally {
    await client.end();
  }
}

async function steps(client: pg.Client, { address }: Database, versions: typeof VERSIONS): Promise<Migration> {
  const { schema } = address;
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock(hashtext($1), 0)', [schema]);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.journal (version int NOT NULL, oldest int NOT NULL)`);
  const { rows } = await client.query<Found>(`SELECT version, oldest FROM ${schema}.journal`);
  const [found = { version: 0, oldest: 0 }] = rows;
  refuseNewer(found, { address }, versions.length);
  for (const step of versions.slice(found.version)) await client.query(scriptFor(schema, step));
  const version = Math.max(found.version, versions.length);
  if (found.version < version) {
    await client.query(`DELETE FROM ${schema}.journal`);
    const oldest = versions.at(-1)?.oldest ?? 0;
    await client.query(`INSERT INTO ${schema}.journal (version, oldest) VALUES ($1, $2)`, [version, oldest]);
  }
  await client.query('COMMIT');
  return { from: found.version, to: version };
}

/** A newer schema on which this version still works is no obstacle: workers are replaced one by one. */
function refuseNewer(
  { version, oldest }: Found,
  { address: { name, what } }: Pick<Database, 'address'>,
  known: number,
): void {
  if (version <= known || oldest <= known) return;
  throw new RunError(
    'newer-journal',
    `The ${what} ${name} has version ${version}, and this program knows up to ${known}. Install the newer scriptorium that wrote it, or use another ${what}.`,
  );
}

function notPrepared({ address: { name, what, preparedBy } }: Pick<Database, 'address'>, reason: string): RunError {
  return new RunError('invalid-spec', `The ${what} ${name} ${reason}. Prepare it with: ${preparedBy}`);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
