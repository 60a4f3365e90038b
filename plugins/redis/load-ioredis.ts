import { ConfigError } from 'scriptorium';
import type * as ioredis from 'ioredis';

/** The parts of the package ioredis that are used here. */
export type IoRedis = Pick<typeof ioredis, 'Redis' | 'Cluster'>;

/** Loads ioredis. @throws ConfigError that names the package to install, if it is missing */
export async function loadIoRedis(load: () => Promise<IoRedis> = () => import('ioredis')): Promise<IoRedis> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new ConfigError('The plugin redis needs the package ioredis, which is not installed: npm i ioredis@6', {
      cause: error,
    });
  }
}
