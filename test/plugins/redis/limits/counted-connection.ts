import type { Redis } from 'ioredis';
import { EMPTY } from 'rxjs';
import type { RedisConnection, RedisReply } from '../../../../plugins/redis/connection.js';

/** A connection of which a test knows when nothing is under way. It waits as long as an answer takes. */
export interface CountedConnection extends RedisConnection {
  /** Resolves when all that was asked has been answered, and nothing new was asked then. */
  settled(): Promise<void>;
}

/** Counts the commands that are under way. */
export function countedConnection(client: Redis, prefix: string): CountedConnection {
  const underWay = new Set<Promise<RedisReply>>();
  const loaded = new Set<string>();
  const send: RedisConnection['run'] = ({ lua, sha1 }, keys, args) => {
    const rest = [...keys, ...args];
    if (loaded.has(sha1)) return client.evalsha(sha1, keys.length, ...rest) as Promise<RedisReply>;
    loaded.add(sha1);
    return client.eval(lua, keys.length, ...rest) as Promise<RedisReply>;
  };
  return {
    key: (tag, ...names) => [`${prefix}{${tag}}`, ...names].join(':'),
    messages: () => EMPTY,
    isUp: true,
    hasAnswered: true,
    isUp$: EMPTY,
    shown: 'the store',
    check: () => Promise.resolve(),
    close: () => client.disconnect(),
    run: (script, keys, args) => {
      const running = send(script, keys, args);
      underWay.add(running);
      const end = (): void => void underWay.delete(running);
      running.then(end, end);
      return running;
    },
    settled: async () => {
      do {
        await Promise.allSettled(underWay);
        // What hears an answer may ask again.
        await new Promise((resolve) => setImmediate(resolve));
      } while (underWay.size > 0);
    },
  };
}
