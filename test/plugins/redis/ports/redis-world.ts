import * as ioredis from 'ioredis';
import { take } from 'rxjs';
import type { PortWorld } from 'scriptorium/testing';
import { readAddresses } from '../../../../plugins/redis/address.js';
import { redisConnection } from '../../../../plugins/redis/connection.js';
import type { RedisConnection } from '../../../../plugins/redis/connection.js';
import type { RedisPortParts } from '../../../../plugins/redis/queue/port-parts.js';

let worlds = 0;
const silent = (): void => undefined;
/** Logs nothing. */
export const silentLogger = { debug: silent, info: silent, warn: silent, error: silent };

/** Two processes before one Redis, for the contract suites. Time is that of the world. */
export async function twoProcesses<S>(
  world: PortWorld,
  url: string,
  settings: S,
): Promise<readonly [RedisPortParts<S>, RedisPortParts<S>]> {
  const prefix = `world${(worlds += 1)}:`;
  const client = new ioredis.Redis(url);
  const running = new Set<Promise<unknown>>();
  let runs = 0;
  const connect = (): RedisConnection => {
    const connection = redisConnection({
      library: ioredis,
      addresses: readAddresses(url) ?? [],
      prefix,
      clock: world.clock,
      logger: silentLogger,
    });
    const run: RedisConnection['run'] = (...args) => {
      runs += 1;
      const answer = connection.run(...args);
      running.add(answer);
      const over = (): boolean => running.delete(answer);
      answer.then(over, over);
      return answer;
    };
    let isClosed = false;
    const close = (): void => {
      if (!isClosed) connection.close();
      isClosed = true;
    };
    world.onEnd(close);
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === 'run') return run;
        if (name === 'close') return close;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  const connections = [connect(), connect()] as const;
  world.onEnd(() => client.disconnect());
  let pings = 0;
  /** Messages come in their order: after a new subscription and its message, all earlier ones have come. */
  const messages = async (): Promise<void> => {
    const channel = `${prefix}ping${(pings += 1)}`;
    const arrived = connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          connection
            .messages(channel)
            .pipe(take(1))
            .subscribe(() => resolve());
        }),
    );
    while ((await client.publish(channel, 'ping')) < connections.length);
    await Promise.all(arrived);
  };
  world.whenQuiet(async () => {
    for (let before = -1; before !== runs || running.size > 0;) {
      before = runs;
      await Promise.allSettled(running);
      await messages();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  for (const connection of connections) await connection.check();
  const partsOf = (connection: RedisConnection): RedisPortParts<S> => ({
    connection,
    clock: world.clock,
    config: () => settings,
    random: () => world.random,
    time: () => Math.floor(world.clock.now()),
  });
  return [partsOf(connections[0]), partsOf(connections[1])];
}
