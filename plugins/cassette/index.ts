import { dirname } from 'node:path';
import { definePlugin, makeFolder, oneOf, text } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { readCassette } from './cassette-file.js';
import { Recorder } from './recorder.js';
import { replay } from './replay.js';
import { tape } from './tape.js';

export interface CassetteOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly mode?: 'off' | 'record' | 'replay' | undefined;
  readonly file?: string | undefined;
  readonly pace?: 'instant' | 'recorded' | undefined;
}

const CONFIG = {
  mode: {
    doc: 'Whether to record into the file, or to answer from it; off adds nothing to the pipeline',
    format: oneOf('off', 'record', 'replay'),
    default: 'off',
    environment: ['SCRIPTORIUM_CASSETTE'],
  },
  file: { doc: 'The cassette, relative to the working folder', format: text, default: 'cassette.json' },
  pace: {
    doc: 'How fast a replay is: at once, or as the answers came',
    format: oneOf('instant', 'recorded'),
    default: 'instant',
  },
} as const;

/** Records what a pipeline sends and what comes back, and replays it without a network. */
export const cassette = ({ id = 'cassette', ...options }: CassetteOptions = {}): Plugin =>
  definePlugin({
    name: 'cassette',
    id,
    apiVersion: 1,
    config: CONFIG,
    options,
    setup: async (host) => {
      const {
        config: { mode, file, pace },
        clock,
        redact,
        logger,
      } = host;
      const variable = id === 'cassette' ? 'SCRIPTORIUM_CASSETTE=record' : `plugins.${id}.mode "record"`;
      switch (mode) {
        case 'off':
          return;
        case 'record': {
          makeFolder(dirname(file));
          const recorder = new Recorder({ file, clock, redact, logger });
          host.wrapTransport((inner) => recorder.around(inner));
          // Sinks are closed before the transport: an answer whose reader has all it needs may still be about to end.
          host.addStatSink({ name: id, record: () => undefined, flush: () => recorder.settled() });
          host.onDispose(() => recorder.close());
          return;
        }
        case 'replay': {
          const remedy = `Record it again with ${variable}.`;
          const { exchanges } = await readCassette(file, remedy);
          const recordings = tape({ file, exchanges, redact, remedy });
          host.wrapTransport(() => replay({ tape: recordings, pace, clock, logger }));
          return;
        }
        default:
          mode satisfies never;
      }
    },
  });

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/cassette"]`. */
export default cassette;
