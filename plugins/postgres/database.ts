import type pg from 'pg';
import { RunError } from 'scriptorium/plugins/runs';
import type { Address } from './address.js';
import { isAnswer, isConflict, toRunError } from './failure.js';
import type { Pg } from './load-pg.js';

/** A value of a statement. */
export type Value = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null)[];

const CONNECTIONS = 8;
const CONNECT_MS = 10_000;
/** A server that is silent for longer is taken for one that is gone. */
const ANSWER_MS = 30_000;
/** Each conflict is the progress of another call, so a call that loses so often has very many others beside it. */
const MOST_CONFLICTS = 100;
const INT8 = 20;
const NUMERIC = 1700;

/** A pool of connections to one database. Every call is one statement, and so one round trip and one transaction. */
export class Database {
  /** The processes of the server that work for this pool. */
  readonly backends = new Set<number>();
  private readonly pool: pg.Pool;
  private readonly names = new Map<string, string>();
  private isClosed = false;

  constructor(
    private readonly pg: Pg,
    readonly address: Address,
  ) {
    this.pool = new pg.Pool({ ...this.settings(), max: CONNECTIONS, allowExitOnIdle: true });
    this.pool.on('error', () => undefined); // an idle connection was lost; the next call opens another one
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined); // its statement reports it
      const backend = processOf(client);
      this.backends.add(backend);
      client.once('end', () => this.backends.delete(backend));
    });
  }

  /** All rows of a statement, which is prepared once a connection: its text must be a constant. @throws RunError */
  async all<Row>(text: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    if (this.isClosed) throw new RunError('unavailable', `The ${this.address.what} ${this.address.name} is closed.`);
    for (let conflicts = 1; ; conflicts += 1) {
      try {
        return (await this.send(text, values)) as readonly Row[];
      } catch (error) {
        if (!isConflict(error) || conflicts === MOST_CONFLICTS) throw toRunError(error, this.address);
      }
    }
  }

  /** The first row of a statement. @throws RunError */
  async one<Row>(text: string, ...values: readonly Value[]): Promise<Row | undefined> {
    return (await this.all<Row>(text, ...values))[0];
  }

  /** A connection of its own, connected, for notifications or a migration. Whoever opens it ends it. */
  async connect(): Promise<pg.Client> {
    const client = new this.pg.Client(this.settings());
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      throw toRunError(error, this.address);
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.pool.end();
  }

  private async send(text: string, values: readonly Value[]): Promise<readonly unknown[]> {
    const client = await this.pool.connect();
    let failure: unknown;
    try {
      return (await client.query<Record<string, unknown>>({ name: this.nameOf(text), text, values: [...values] })).rows;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.release(failure !== undefined && !isAnswer(failure));
    }
  }

  private nameOf(text: string): string {
    const name = this.names.get(text) ?? `s${this.names.size + 1}`;
    this.names.set(text, name);
    return name;
  }

  private settings(): pg.ClientConfig {
    const { types } = this.pg;
    const getTypeParser = (id: number, format?: unknown): unknown =>
      // Whole numbers of 64 bits are read as numbers, the rest as the driver does.
      id === INT8 || id === NUMERIC ? Number : (types.getTypeParser as TypeParsers)(id, format);
    return {
      types: { getTypeParser: getTypeParser as typeof types.getTypeParser },
      connectionString: this.address.connectionString,
      application_name: 'scriptorium',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    };
  }
}

type TypeParsers = (id: number, format: unknown) => unknown;

/** The process of the server behind a connection, which its notifications name. */
function processOf(client: pg.ClientBase): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
}
