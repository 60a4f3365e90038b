import type { Lease, RetryBudgets } from 'scriptorium/plugin';
import type { RedisPortParts } from '../queue/port-parts.js';
import { RemoteQueue, RemoteQueues } from '../queue/remote-queue.js';
import { GIVE_BACK, TAKE_TOKENS } from './retry-scripts.js';

/** The settings that retry budgets read. */
export interface RetryBudgetSettings {
  readonly retry: {
    readonly budget: { readonly capacity: number; readonly refillPerSecond: number; readonly retryCost: number };
  };
}

const MILLIONTHS = 1e6;
const MS = 1_000;

/** Token buckets in Redis, which all processes that use it share. A Redis that has lost its memory has full ones. */
export function redisRetryBudgets(parts: RedisPortParts<RetryBudgetSettings>): RetryBudgets {
  const { connection, clock, config, random } = parts;
  const channel = connection.key('retries', 'changes');
  let isListening = false;
  const keysOf = (key: string) => [connection.key(`retries:${key}`), connection.key(`retries:${key}`, 'wait')];
  const settings = () => {
    const { capacity, refillPerSecond, retryCost } = config().retry.budget;
    const [most, cost] = [capacity * MILLIONTHS, Math.min(retryCost, capacity) * MILLIONTHS];
    return [parts.time?.() ?? '', most, (refillPerSecond * MILLIONTHS) / MS, cost];
  };
  const lease = (key: string): Lease => {
    let isOver = false;
    return {
      isValid: () => true,
      release: () => {
        if (isOver) return;
        isOver = true;
        // What does not arrive is refilled.
        connection.run(GIVE_BACK, keysOf(key), [...settings(), channel, key]).catch(() => undefined);
      },
    };
  };
  const queues = new RemoteQueues<Lease>((key) => {
    const ask = async (count: number) => {
      const reply = await connection.run(TAKE_TOKENS, keysOf(key), [...settings(), count]);
      const [taken, retryInMs] = Array.isArray(reply) ? reply.map(Number) : [];
      const leases = Array.from({ length: taken ?? 0 }, () => lease(key));
      return { leases, retryInMs: retryInMs !== undefined && retryInMs >= 0 ? retryInMs : undefined };
    };
    return new RemoteQueue({ waitReason: 'retry-budget', clock, random, ask });
  });
  return {
    acquire: (key) => {
      if (!isListening) {
        isListening = true;
        connection.messages(channel).subscribe((changed) => queues.serve(changed === '' ? undefined : changed));
      }
      return queues.acquire(key);
    },
  };
}
