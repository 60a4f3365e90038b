import { batched, definePlugin, milliseconds, text, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { entryOf } from './entry.js';
import type { Entry } from './entry.js';
import { loadLibsql } from './libsql.js';
import { statsCommand } from './stats-command.js';
import { LedgerWriter } from './writer.js';

export { statsHelp } from './stats-command.js';

export interface LedgerOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly file?: string | undefined;
  readonly keepDays?: number | undefined;
  readonly everyMs?: number | undefined;
  readonly maxQueued?: number | undefined;
}

/** Keeps every attempt, reconciliation and generation in a SQLite file, and adds the command `stats` that reads it. */
export const ledger = ({ id = 'ledger', ...options }: LedgerOptions = {}): Plugin =>
  definePlugin({
    name: 'ledger',
    id,
    apiVersion: 1,
    config: {
      file: { doc: 'The SQLite file, relative to the working folder', format: text, default: 'ledger.db' },
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
      const libsql = await loadLibsql();
      const writer = new LedgerWriter(libsql, { ...config, clock });
      writer.check();
      host.onDispose(() => writer.close());
      const queue = batched<Entry>({ ...config, name: id, clock, logger, write: writer.write });
      host.addStatSink({
        name: id,
        record: (stat) => queue.add(entryOf(stat, clock.now())),
        backlog: () => queue.counts,
        flush: () => queue.flush(),
        close: () => queue.close(),
      });
      host.addCommand(
        statsCommand({ name: id === 'ledger' ? 'stats' : `stats-${id}`, libsql, file: config.file, clock }),
      );
    },
  });

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/ledger"]`. */
export default ledger;
