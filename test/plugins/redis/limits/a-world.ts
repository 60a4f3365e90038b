import { EMPTY, Subject } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { LimitKey, LimitLease } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import type { RedisConnection } from '../../../../plugins/redis/connection.js';
import { redisLimits } from '../../../../plugins/redis/limits/redis-limits.js';
import type { RedisLimits } from '../../../../plugins/redis/limits/redis-limits.js';
import { redisScript } from '../../../../plugins/redis/scripts.js';
import type { CountedConnection } from './counted-connection.js';

/** What happens in a world, and how often: chances in a tick. */
export interface WorldOptions {
  readonly seed: number;
  readonly workers: number;
  readonly requests: number;
  readonly tokens: number;
  /** Equal parts of which each worker has one without the store; 0 for none. */
  readonly parts: number;
  readonly minutes: number;
  readonly cuts: number;
  readonly kills: number;
  readonly flushes: number;
  /** Everybody is cut off at once. */
  readonly outages: number;
}

/** What has happened in a world. */
export interface WorldOutcome {
  /** What the vendor got: virtual milliseconds, and tokens. */
  readonly arrived: readonly { readonly at: number; readonly tokens: number; readonly isAlone: boolean }[];
}

const TICK_MS = 500;
/** By then a worker has joined and shown itself. */
const SETTLED_TICKS = 20;
const FLUSH = redisScript('flush', "return redis.call('FLUSHDB')");
const ignore = (): void => undefined;

/** Whether a worker hears the store: the way to it, and the way back. */
type Line = 'whole' | 'no-requests' | 'no-answers';

interface Worker {
  readonly limits: RedisLimits;
  line: Line;
  /** The tick at which the line is whole again. */
  healsAt: number;
  /** The tick since which the line is whole. */
  wholeSince: number;
  /** Until this tick nothing happens to it. */
  spareUntil: number;
  readonly ups: Subject<boolean>;
  readonly held: {
    readonly lease: LimitLease;
    readonly sendsAt: number;
    readonly tokens: number;
    readonly isAlone: boolean;
  }[];
}

/** Lets workers share one limit, over real Redis and virtual time, while everything around them fails. */
export async function playWorld(store: CountedConnection, options: WorldOptions): Promise<WorldOutcome> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  const random = chance(options.seed);
  const key: LimitKey = {
    key: 'k',
    limits: { requestsPerMinute: options.requests, tokensPerMinute: options.tokens },
  };
  const arrived: { at: number; tokens: number; isAlone: boolean }[] = [];
  await store.run(FLUSH, ['k'], []);
  const start = (tick: number): Worker => startWorker(store, { clock, random, parts: options.parts, tick });
  const workers = Array.from({ length: options.workers }, () => start(0));
  const ticks = (options.minutes * 60_000) / TICK_MS;
  for (let tick = 0; tick < ticks; tick += 1) {
    // Somebody who knows of the others hears the store. Else it cannot know of those that are alone: see docs/known-gaps.md.
    const witness = workers.find(({ line, wholeSince }) => line === 'whole' && tick - wholeSince >= SETTLED_TICKS);
    if (witness !== undefined && random() < options.flushes) {
      witness.spareUntil = tick + SETTLED_TICKS;
      await store.run(FLUSH, ['k'], []);
    }
    if (random() < options.outages)
      for (const worker of workers)
        if (tick >= worker.spareUntil) cut(worker, tick + 20 + Math.floor(random() * 300), random);
    for (const [index, worker] of workers.entries()) {
      const isSpared = tick < worker.spareUntil;
      if (random() < options.cuts && !isSpared) cut(worker, tick + 1 + Math.floor(random() ** 2 * 600), random);
      if (worker.line !== 'whole' && tick >= worker.healsAt) {
        [worker.line, worker.wholeSince] = ['whole', tick];
        worker.ups.next(true);
      }
      if (random() < options.kills && !isSpared) {
        worker.ups.complete();
        worker.line = 'no-requests';
        workers[index] = start(tick);
        continue;
      }
      if (random() < 0.5 && worker.held.length < 4) {
        const tokens = 1 + Math.floor(random() * options.tokens * 0.3);
        const answer = await worker.limits.take([key], { promptTokens: tokens, outputCap: 0 });
        if ('isValid' in answer)
          worker.held.push({
            ...{ lease: answer, tokens, isAlone: worker.line !== 'whole' },
            sendsAt: clock.monotonic() + random() ** 3 * 8_000,
          });
      }
      for (const held of worker.held.splice(0)) {
        if (held.sendsAt > clock.monotonic()) worker.held.push(held);
        else if (!held.lease.isValid() || random() < 0.05) held.lease.release();
        else {
          held.lease.sent();
          arrived.push({ at: clock.monotonic(), tokens: held.tokens, isAlone: held.isAlone });
          held.lease.settle({ inputTokens: held.tokens, outputTokens: 0, source: 'reported' });
        }
      }
    }
    clock.advance(TICK_MS);
    await store.settled();
  }
  for (const worker of workers) await worker.limits.leave();
  return { arrived };
}

function cut(worker: Worker, healsAt: number, random: () => number): void {
  worker.line = random() < 0.5 ? 'no-requests' : 'no-answers';
  worker.healsAt = healsAt;
}

interface Starting {
  readonly clock: ManualClock;
  readonly random: () => number;
  readonly parts: number;
  readonly tick: number;
}

function startWorker(store: CountedConnection, { clock, random, parts, tick }: Starting): Worker {
  const ups = new Subject<boolean>();
  const lost = (): never => {
    throw new GenerationError('unavailable', 'cut off', { retryable: true });
  };
  const connection: RedisConnection = {
    key: (...names) => store.key(...names),
    messages: () => EMPTY,
    isUp: true,
    hasAnswered: true,
    isUp$: ups,
    shown: 'the store',
    check: () => Promise.resolve(),
    close: ignore,
    run: async (...command) => {
      if (worker.line === 'no-requests') return lost();
      const reply = await store.run(...command);
      return worker.line === 'no-answers' ? lost() : reply;
    },
  };
  const worker: Worker = {
    ups,
    line: 'whole',
    healsAt: 0,
    wholeSince: tick,
    spareUntil: 0,
    held: [],
    limits: redisLimits({
      connection,
      clock,
      parts,
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      config: () => ({ rateLimit: { skewMs: 250 } }),
      random: () => random,
      time: () => clock.now(),
    }),
  };
  return worker;
}

/** The worst window: the most requests and tokens that arrived within `windowMs`. */
export function worstWindow({ arrived }: WorldOutcome, windowMs: number): { requests: number; tokens: number } {
  const worst = { requests: 0, tokens: 0 };
  const sorted = [...arrived].sort((a, b) => a.at - b.at);
  let first = 0;
  let tokens = 0;
  sorted.forEach((last, index) => {
    tokens += last.tokens;
    for (; sorted[first]!.at <= last.at - windowMs; first += 1) tokens -= sorted[first]!.tokens;
    worst.requests = Math.max(worst.requests, index - first + 1);
    worst.tokens = Math.max(worst.tokens, tokens);
  });
  return worst;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
