import { RunError } from 'scriptorium/plugins/runs';

/** What lies in a schema, for messages. */
export interface Contents {
  /** `journal` */
  readonly what: string;
  /** The command that prepares it. */
  readonly preparedBy: string;
}

const JOURNAL: Contents = { what: 'journal', preparedBy: 'scriptorium batch migrate' };

/** Where a journal, or something else, lies in PostgreSQL. */
export interface Address extends Contents {
  /** For the driver. It may hold a password, so it is never shown. */
  readonly connectionString: string;
  /** The schema of its tables. */
  readonly schema: string;
  /** For people: host, port and database. */
  readonly name: string;
}

const SCHEMA = 'scriptorium';
const NAME = /^[a-z_][a-z0-9_]{0,50}$/;

/**
 * Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`. The other parameters are the driver's own, such as `sslmode`.
 * @throws RunError `invalid-spec` without the password
 */
export function addressOf(address: string, contents: Contents = JOURNAL): Address {
  const { what } = contents;
  const url = urlOf(address, what);
  const schema = url.searchParams.get('schema') ?? SCHEMA;
  if (!NAME.test(schema))
    throw new RunError(
      'invalid-spec',
      `The schema in the address of the ${what} is "${schema}", but must be a name of small letters, digits and _.`,
    );
  url.searchParams.delete('schema');
  const place = `postgres://${url.host || (url.searchParams.get('host') ?? 'localhost')}${url.pathname}`;
  const name = schema === SCHEMA ? place : `${place}?schema=${schema}`;
  return { ...contents, connectionString: url.href, schema, name };
}

function urlOf(address: string, what: string): URL {
  try {
    return new URL(address);
  } catch {
    throw new RunError(
      'invalid-spec',
      `The address of the ${what} is not a URL. Use postgres://USER:PASSWORD@HOST:PORT/DATABASE, and write reserved characters of the password as %XX.`,
    );
  }
}
