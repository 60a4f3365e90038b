import { ConfigError } from 'scriptorium';
import type { Client } from 'undici';

/** What is used of undici. */
export interface Undici {
  readonly Client: typeof Client;
}

/** The package undici. @throws ConfigError that says what to install, if it is not there */
export async function loadUndici(load: () => Promise<Undici> = () => import('undici')): Promise<Undici> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigError('The package undici is not installed beside scriptorium: npm i undici@7', { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
