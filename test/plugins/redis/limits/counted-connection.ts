import type { Redis } from 'ioredis';
import { EMPTY } from 'rxjs';
import type { RedisConnection } from '../../../../plugins/redis/connection.js';

/** A connection of which a test knows when nothing is under way. It waits as long as an answer takes. */
export interface CountedConnection extends RedisConnection {
  /** Resolves when all that was asked has been answered, and nothing new was asked then. */
  settled(): Promise<void>;
}

/** Counts the commands that are under way. */
export function countedConnection(client: Redis, prefix: string): CountedConnection {
  let underWay = 0;
  const loaded = new Set<string>();
  return {
    key: (tag, ...names) => [`${prefix}{${tag}}`, ...names].join(':'),
    messages: () => EMPTY,
    isUp: true,
    hasAnswered: true,
    isUp$: EMPTY,
    shown: 'the store',
    check: () => Promise.resolve(),
    close: () => client.disconnect(),
    run: async ({ lua, sha1 }, keys, args) => {
      underWay += 1;
      try {
        const rest = [...keys, ...args];
        if (loaded.has(sha1)) return (await client.evalsha(sha1, keys.length, ...rest)) as never;
        loaded.add(sha1);
        return (await client.eval(lua, keys.length, ...rest)) as never;
      } finally {
        underWay -= 1;
      }
    },
    settled: async () => {
      for (let idle = 0; idle < 2; idle = underWay === 0 ? idle + 1 : 0)
        await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
