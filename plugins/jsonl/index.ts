import { dirname } from 'node:path';
import { batched, definePlugin, makeFolder, milliseconds, text, whole } from 'scriptorium/plugin';
import type { Plugin, Stat, StatSink } from 'scriptorium/plugin';
import { fsyncFormat } from './fsync.js';
import type { Fsync } from './fsync.js';
import { LineFile } from './line-file.js';
import type { LineFileOptions } from './line-file.js';

export type { Fsync } from './fsync.js';

export interface JsonlOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly file?: string | undefined;
  readonly maxBytes?: number | undefined;
  readonly keep?: number | undefined;
  readonly fsync?: Fsync | undefined;
  readonly everyMs?: number | undefined;
  readonly maxQueued?: number | undefined;
}

/** Appends every stat to a file, as one line of JSON. */
export const jsonl = ({ id = 'jsonl', ...options }: JsonlOptions = {}): Plugin =>
  definePlugin({
    name: 'jsonl',
    id,
    apiVersion: 1,
    config: {
      file: {
        doc: 'Where the lines go, relative to the working folder',
        format: text,
        default: 'scriptorium-stats.jsonl',
      },
      maxBytes: { doc: 'The size beyond which a new file is begun; 0: never', format: whole(0), default: 100_000_000 },
      keep: {
        doc: 'Old files that are kept: file.1, the youngest, to file.<keep>',
        format: whole(1, 1_000),
        default: 5,
      },
      fsync: {
        doc: 'When lines are forced onto the disk: never, with every batch, or so many milliseconds later',
        format: fsyncFormat,
        default: 'never',
      },
      everyMs: { doc: 'How long lines gather before they are written', format: milliseconds, default: 1_000 },
      maxQueued: {
        doc: 'Lines that wait at the most; further ones are dropped and counted',
        format: whole(1),
        default: 10_000,
      },
    },
    options,
    setup: (host) => {
      const { config, clock, logger } = host;
      makeFolder(dirname(config.file));
      host.addStatSink(
        jsonlSink(id, { ...config, clock }, (write) => batched<string>({ ...config, name: id, clock, logger, write })),
      );
    },
  });

type MakeQueue = (write: (lines: readonly string[]) => Promise<void>) => ReturnType<typeof batched<string>>;

function jsonlSink(name: string, options: LineFileOptions, queueOf: MakeQueue): StatSink {
  const file = new LineFile(options);
  const queue = queueOf((lines) => file.append(lines));
  return {
    name,
    record: (stat) => queue.add(lineOf(stat, options.clock.now())),
    backlog: () => queue.counts,
    flush: () => queue.flush(),
    close: async () => {
      await queue.close();
      await file.sync();
    },
  };
}

/** A text within JSON holds no line break. */
function lineOf(stat: Stat, now: number): string {
  return `{"at":"${new Date(now).toISOString()}",${JSON.stringify(stat).slice(1)}\n`;
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/jsonl"]`. */
export default jsonl;
