import type { RedisConnection } from '../../../../plugins/redis/connection.js';

/** A connection of which a test knows when nothing is under way. */
export interface CountedConnection extends RedisConnection {
  /** Resolves when all that was asked has been answered, and nothing new was asked then. */
  settled(): Promise<void>;
}

/** Counts the commands that are under way. */
export function countedConnection(connection: RedisConnection): CountedConnection {
  let underWay = 0;
  return {
    ...connection,
    key: (...names) => connection.key(...names),
    messages: (channel) => connection.messages(channel),
    isUp$: connection.isUp$,
    shown: connection.shown,
    get isUp() {
      return connection.isUp;
    },
    get hasAnswered() {
      return connection.hasAnswered;
    },
    check: () => connection.check(),
    close: () => connection.close(),
    run: async (...command) => {
      underWay += 1;
      try {
        return await connection.run(...command);
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
