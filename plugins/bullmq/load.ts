import type * as bullmq from 'bullmq';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { ConfigError } from 'scriptorium';

/** The package BullMQ. */
export type BullMq = typeof bullmq;
/** The client of Redis. */
export type IoRedis = typeof Redis;
/** The client of PostgreSQL. */
export interface Pg {
  readonly Client: typeof Client;
}

/** @throws ConfigError that names the package to install, if it is missing */
export const loadBullMq = (): Promise<BullMq> => load(() => import('bullmq'), 'bullmq@6');

/** @throws ConfigError that names the package to install, if it is missing */
export const loadIoRedis = async (): Promise<IoRedis> => (await load(() => import('ioredis'), 'ioredis@6')).Redis;

/** @throws ConfigError that names the package to install, if it is missing */
export const loadPg = async (): Promise<Pg> => (await load(() => import('pg'), 'pg@8')).default;

async function load<T>(run: () => Promise<T>, name: string): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw error;
    throw new ConfigError(
      `The queue of plugins.bullmq.url needs the package ${name.split('@')[0]}, which is not installed: npm i ${name}`,
      { cause: error },
    );
  }
}
