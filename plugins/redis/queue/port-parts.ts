import type { Clock, Random } from 'scriptorium/plugin';
import type { RedisConnection } from '../connection.js';

/** Dependencies of a part on Redis. The configuration and chance are asked for when the part is first used. */
export interface RedisPortParts<Settings> {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly config: () => Settings;
  readonly random: () => Random;
  /** The time in place of the server's, in epoch milliseconds; by default the server's own. */
  readonly time?: (() => number) | undefined;
}

const NAMES = 36 ** 8;

/** A name that no other process has. */
export function uniqueName(random: Random): string {
  return Array.from({ length: 2 }, () => Math.floor(random() * NAMES).toString(36)).join('-');
}
