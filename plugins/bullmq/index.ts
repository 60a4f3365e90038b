import { definePlugin, text } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { RUN_QUEUE } from 'scriptorium/plugins/runs';
import type { RunQueue } from 'scriptorium/plugins/runs';
import { BullQueue } from './bull-queue.js';
import { queueUrl } from './queue-url.js';

/** Options of `bullmq`, which are its configuration. */
export interface BullmqOptions {
  /** `redis://HOST:PORT` or `postgres://USER@HOST/DATABASE`. */
  readonly url?: string | undefined;
  readonly queue?: string | undefined;
}

/**
 * Lets workers on many machines learn from a queue of BullMQ's that items of a run may be ready. The package `bullmq` must be
 * installed, with `ioredis` for Redis or `pg` for PostgreSQL.
 * @see docs/scale.md
 * @example
 * ```ts
 * const pipeline = await createPipeline({ plugins: [openrouter(), runs(), bullmq({ url: 'redis://127.0.0.1:6379' })] });
 * ```
 */
export function bullmq({ ...options }: BullmqOptions = {}): Plugin {
  return definePlugin({
    name: 'bullmq',
    apiVersion: 1,
    config: {
      url: {
        doc: 'Where the queue is kept: `redis://HOST:PORT` or `postgres://USER@HOST/DATABASE`',
        format: queueUrl,
        default: null,
        required: true,
      },
      queue: {
        doc: 'The name of the queue; each journal needs its own',
        format: text,
        default: 'scriptorium',
      },
    },
    options,
    setup: (host) => {
      const { url, queue: name } = host.config;
      const { clock, logger } = host;
      host.replace<RunQueue>(RUN_QUEUE, new BullQueue({ url: url.reveal(), name, clock, logger }));
    },
  });
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/bullmq"]`. */
export default bullmq;
