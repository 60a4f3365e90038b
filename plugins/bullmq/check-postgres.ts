import { ConfigError, GenerationError } from 'scriptorium';
import { shownAddress } from './address.js';
import type { BullMq, Pg } from './load.js';

const PATIENCE_MS = 5_000;

/** Wrong passwords, unknown users, and databases that are not there (PostgreSQL's class 28 and 3D000). */
const REFUSED = /^(28|3D)/;

/** Checks that a PostgreSQL can be reached, and has the queue's schema; makes it or brings it up to date with `migrate`. */
export async function checkPostgres(
  { bullmq, pg }: { readonly bullmq: BullMq; readonly pg: Pg },
  { url, migrate }: { readonly url: string; readonly migrate: boolean },
): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
  client.on('error', () => undefined); // the query that is under way fails
  try {
    await client.connect();
    if (migrate) await bullmq.runMigrations(client, bullmq.DEFAULT_SCHEMA);
    else await bullmq.assertSchemaCompatibility(client, bullmq.DEFAULT_SCHEMA);
  } catch (error) {
    throw inWords(error, url);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function inWords(error: unknown, url: string): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const address = shownAddress(url);
  switch (name) {
    case 'SchemaMigrationRequiredError':
      return new ConfigError(
        `The PostgreSQL ${address} has no schema "bullmq" for the queue yet. Make it with: scriptorium batch migrate`,
        { cause: error },
      );
    case 'SchemaVersionMismatchError':
    case 'UnsupportedPostgresVersionError':
      return new ConfigError(`The PostgreSQL ${address} cannot keep the queue: ${message}`, { cause: error });
    default:
  }
  if (REFUSED.test(code)) return new ConfigError(`The PostgreSQL ${address} refuses plugins.bullmq.url: ${message}.`);
  return new GenerationError(
    'unavailable',
    `Cannot reach the PostgreSQL ${address}: ${message || code}. Is the server running? Check plugins.bullmq.url.`,
    { cause: error },
  );
}
