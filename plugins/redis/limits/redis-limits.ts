import { filter, map, merge, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type {
  Clock,
  DayQuota,
  LimitDemand,
  LimitKey,
  LimitLease,
  LimitRefusal,
  LimitStore,
  Logger,
  Random,
} from 'scriptorium/plugin';
import type { RedisConnection } from '../connection.js';
import { Membership } from '../workers/membership.js';
import { KnownLimits } from './known-limits.js';
import { LimitCommands } from './limit-commands.js';
import { takeAlone } from './take-alone.js';

/** Dependencies of `redisLimits`. */
export interface RedisLimitsParts {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The pipeline's configuration. It is asked for when the limits are first used. */
  readonly config: () => { readonly rateLimit: { readonly skewMs: number } };
  readonly random: () => Random;
  /** The number of equal parts of which this process has one while Redis is away; 0 for none. */
  readonly parts: number;
  /** The time in place of the server's, in epoch milliseconds; by default the server's own. */
  readonly time?: (() => number) | undefined;
}

/** A limit store on Redis, which ends with its pipeline. */
export interface RedisLimits extends LimitStore {
  readonly changes$: Observable<unknown>;
  seedDay(keys: readonly LimitKey[], quota: DayQuota): void;
  /** The pipeline has ended: its limits hold no longer. */
  leave(): Promise<void>;
}

interface Worker {
  readonly name: string;
  readonly known: KnownLimits;
  readonly commands: LimitCommands;
  readonly membership: Membership;
}

const NAMES = 36 ** 8;

/**
 * Counts requests and tokens in Redis, by the server's clock, so that all pipelines that use it keep one limit. While Redis is
 * away, each goes on with its share.
 */
export function redisLimits(parts: RedisLimitsParts): RedisLimits {
  const { connection, clock } = parts;
  const joined = new Subject<void>();
  let made: Worker | undefined;
  const worker = (): Worker => (made ??= workerOf(parts, () => joined.next()));
  const returns = connection.isUp$.subscribe((isUp) => {
    if (isUp) void made?.membership.join();
    else made?.membership.lost();
  });
  const changes = connection.messages(connection.key('limits', 'changes')).pipe(
    filter((message) => !message.startsWith(`${worker().name}|`)),
    map((message) => {
      const key = worker().known.find(message.slice(message.indexOf('|') + 1));
      if (message !== '' && key !== undefined) key.pauses += 1;
    }),
  );
  return {
    take: (keys, demand) => take(worker(), keys, { demand, clock }),
    pause: (keys, forMs) => worker().commands.pause(worker().known.of(keys), forMs),
    seedDay: (keys, { used, limit }) => {
      const { known, commands } = worker();
      const all = known.of(keys);
      for (const key of keys) known.setDay(key, limit);
      commands.seedDay(all, used);
    },
    changes$: merge(joined, changes),
    leave: async () => {
      returns.unsubscribe();
      made?.membership.end();
      await made?.commands.leave();
    },
  };
}

interface Taking {
  readonly demand: LimitDemand;
  readonly clock: Clock;
}

async function take(
  { known, commands, membership }: Worker,
  given: readonly LimitKey[],
  { demand, clock }: Taking,
): Promise<LimitLease | LimitRefusal> {
  const keys = known.of(given);
  if (membership.hasJoined || (await membership.join())) {
    try {
      return await commands.take(keys, demand, membership.shownAt);
    } catch {
      membership.lost();
    }
  }
  return takeAlone(keys, demand, {
    clock,
    membership,
    nextId: () => commands.nextId(),
    report: commands.reports.add,
  });
}

function workerOf(parts: RedisLimitsParts, joined: () => void): Worker {
  const { connection, clock, config, random, time, logger } = parts;
  const known = new KnownLimits({ skewMs: config().rateLimit.skewMs, parts: parts.parts });
  const name = randomName(random());
  const commands: LimitCommands = new LimitCommands({
    connection,
    clock,
    known,
    name,
    time,
    logger,
    hasJoined: (): boolean => membership.hasJoined,
  });
  const membership: Membership = new Membership({
    clock,
    parts: parts.parts,
    conversation: commands,
    joined: () => {
      void commands.reports.flush();
      for (const { own } of known.all) own.endAlone();
      joined();
    },
  });
  return { name, known, commands, membership };
}

/** Enough letters and digits that no two pipelines have the same. */
function randomName(random: Random): string {
  return [0, 1].map(() => Math.floor(random() * NAMES).toString(36)).join('');
}
