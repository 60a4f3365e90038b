import { batched, definePlugin, milliseconds, systemClock, text, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { entryOf } from './entry.js';
import type { Entry } from './entry.js';
import { statsCommand } from './stats-command.js';
import { openStore } from './open-store.js';

export { statsHelp } from './stats-command.js';

/** A file, or the address of a database, whose user and password are not shown. */
const address = { ...text, shown: (value: unknown) => String(value).replace(/\/\/[^@/]*@/, '//[…]@') };

export interface LedgerOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly file?: string | undefined;
  readonly keepDays?: number | undefined;
  readonly everyMs?: number | undefined;
  readonly maxQueued?: number | undefined;
}

/** Keeps every attempt, reconciliation and generation in a SQLite file or on PostgreSQL, and adds the command `stats` that reads it. */
export const ledger = ({ id = 'ledger', ...options }: LedgerOptions = {}): Plugin =>
  definePlugin({
    name: 'ledger',
    id,
    apiVersion: 1,
    config: {
      file: {
        doc: 'The SQLite file, relative to the working folder, or `postgres://USER@HOST/DATABASE`',
        format: address,
        default: 'ledger.db',
      },
      keepDays: {
        doc: 'What began more days ago is taken out; 0: nothing ever is',
        format: whole(0, 36_500),
        default: 0,
      },
      everyMs: { doc: 'How long records gather before they are written', format: milliseconds, default: 1_000 },
      maxQueued: {
        doc: 'Records that wait at the most; further ones are dropped and counted',
        format: whole(1),
        default: 10_000,
      },
    },
    options,
    setup: async (host) => {
      const { config, clock, logger } = host;
      const store = await openStore(config.file, { ...config, clock });
      // A command may be the one that prepares the ledger.
      if (host.purpose === 'pipeline' || store.migrate === undefined) await store.check();
      host.onDispose(() => store.close());
      const queue = batched<Entry>({ ...config, name: id, clock, logger, write: (batch) => store.write(batch) });
      host.addStatSink({
        name: id,
        record: (stat) => queue.add(entryOf(stat, clock.now())),
        backlog: () => queue.counts,
        flush: () => queue.flush(),
        close: () => queue.close(),
      });
      host.addCommand(statsCommand({ name: id === 'ledger' ? 'stats' : `stats-${id}`, file: config.file, clock }));
    },
  });

/**
 * Reads rows of a ledger on PostgreSQL, for the audit of runs.
 * @param sql a statement with `?` for its values
 * @throws ConfigError if it is not a ledger, or cannot be reached
 */
export async function readLedger(address: string, sql: string, values: readonly string[]) {
  const store = await openStore(address, { keepDays: 0, clock: systemClock });
  try {
    const rows = await store.read(async (tables) => tables.all(sql, ...values));
    return { name: store.name, rows };
  } finally {
    await store.close();
  }
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/ledger"]`. */
export default ledger;
