// One process of `bench/redis.ts`: takes, sends and settles in several lines at once. Prints what it did as JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import * as ioredis from 'ioredis';
import { systemClock } from '../../src/plugin.js';
import { redisConnection } from '../../plugins/redis/connection.js';
import { redisLimits } from '../../plugins/redis/limits/redis-limits.js';

/** What a process has done. */
export interface WorkerFigures {
  readonly decisions: number;
  readonly seconds: number;
  readonly cpuUs: number;
}

const [port, seconds, lines] = process.argv.slice(2).map(Number) as [number, number, number];
const ignore = (): void => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const connection = redisConnection({
  library: ioredis,
  addresses: [{ host: '127.0.0.1', port, db: 0, isEncrypted: false }],
  ...{ prefix: 'bench:', clock: systemClock, logger },
});
await connection.check();
const limits = redisLimits({
  ...{ connection, clock: systemClock, logger, parts: 0 },
  config: () => ({ rateLimit: { skewMs: 500 } }),
  random: () => Math.random,
});
const keys = [{ key: 'account', limits: { requestsPerMinute: 10_000_000, tokensPerMinute: 1e12 } }];
const demand = { promptTokens: 1_000, outputCap: 2_000 };
await limits.take(keys, demand);

const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
const endsAt = startedAt + seconds * 1_000;
let decisions = 0;
const line = async (): Promise<void> => {
  while (performance.now() < endsAt) {
    const answer = await limits.take(keys, demand);
    if (!('isValid' in answer)) {
      await sleep(10);
      continue;
    }
    decisions += 1;
    answer.sent();
    answer.settle({ inputTokens: 900, outputTokens: 1_500 });
  }
};
await Promise.all(Array.from({ length: lines }, line));
const { user, system } = process.cpuUsage(cpu);
const figures: WorkerFigures = { decisions, seconds: (performance.now() - startedAt) / 1_000, cpuUs: user + system };
console.log(JSON.stringify(figures));
await limits.leave();
connection.close();
