import type { BackendFactory, QueueOptions } from 'bullmq';
import { backendOf, shownAddress } from './address.js';
import { checkPostgres } from './check-postgres.js';
import { checkRedis } from './check-redis.js';
import { loadBullMq, loadIoRedis, loadPg } from './load.js';
import type { BullMq } from './load.js';
import type { Outage } from './outage.js';

/** A store of BullMQ's, connected. */
export interface OpenBackend {
  readonly bullmq: BullMq;
  /** What queues and workers are made with. */
  readonly options: Pick<QueueOptions, 'connection' | 'prefix'>;
  readonly factory: BackendFactory;
  close(): Promise<void>;
}

/** Checks the store, and connects to it. @throws GenerationError, ConfigError */
export async function openBackend(url: string, outage: Outage): Promise<OpenBackend> {
  const bullmq = await loadBullMq();
  return backendOf(url) === 'postgres' ? onPostgres(bullmq, url) : onRedis(bullmq, url, outage);
}

/** Prepares the store. @returns a line for people @throws GenerationError, ConfigError */
export async function migrateBackend(url: string): Promise<string> {
  if (backendOf(url) === 'redis') return 'A queue on Redis needs no preparation.';
  await checkPostgres({ bullmq: await loadBullMq(), pg: await loadPg() }, { url, migrate: true });
  return `The queue can be kept in ${shownAddress(url)}.`;
}

async function onRedis(bullmq: BullMq, url: string, outage: Outage): Promise<OpenBackend> {
  const Redis = await loadIoRedis();
  await checkRedis(Redis, url);
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: reconnectAfter });
  client.on('error', (error: Error) => outage.away(error));
  client.on('ready', () => outage.back());
  return {
    bullmq,
    options: { connection: client },
    factory: bullmq.createRedisBackend,
    close: () => {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

async function onPostgres(bullmq: BullMq, url: string): Promise<OpenBackend> {
  await checkPostgres({ bullmq, pg: await loadPg() }, { url, migrate: false });
  return {
    bullmq,
    options: { connection: url as never },
    factory: bullmq.createPostgresBackend as unknown as BackendFactory,
    close: () => Promise.resolve(),
  };
}

const LONGEST_PAUSE_MS = 2_000;

function reconnectAfter(tries: number): number {
  return Math.min(tries * 100, LONGEST_PAUSE_MS);
}
