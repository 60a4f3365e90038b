import { ConfigError } from 'scriptorium';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is used of prom-client. */
export interface PromClient {
  readonly Counter: typeof Counter;
  readonly Gauge: typeof Gauge;
  readonly Histogram: typeof Histogram;
  readonly Registry: typeof Registry;
}

/** The package prom-client. @throws ConfigError that says what to install, if it is not there */
export async function loadPromClient(
  load: () => Promise<PromClient> = () => import('prom-client'),
): Promise<PromClient> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigError('The package prom-client is not installed beside scriptorium: npm i prom-client@15', {
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
