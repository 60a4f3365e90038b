import type { Clock, LimitDemand, LimitLease, LimitRefusal, Logger } from 'scriptorium/plugin';
import type { RedisConnection, RedisReply } from '../connection.js';
import type { RedisScript } from '../scripts.js';
import type { Conversation } from '../workers/membership.js';
import { LOOK_MS } from '../workers/times.js';
import { readBeat } from './beat-reply.js';
import { Burials } from './burials.js';
import type { KnownKey, KnownLimits } from './known-limits.js';
import { LEAVE, PAUSE, SEED_DAY, STATE_KEYS, TAKE } from './limit-scripts.js';
import { memberOf, RedisLease } from './redis-lease.js';
import { Reports } from './reports.js';
import { ABANDON, BEAT, BRING, BURY, HELLO } from './worker-scripts.js';

const TAG = 'limits';
/** A request that was admitted and is not reported as sent counts as sent after so long. */
export const LEASE_MS = 120_000;
/** As long as a year, as every duration that a server may name. */
const LONGEST_PAUSE_MS = 366 * 86_400_000;
/** The figures of a key in the answer to a `TAKE`. */
const FIGURES = 4;

/** Dependencies of `LimitCommands`. */
export interface LimitCommandsParts {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly known: KnownLimits;
  /** The name of this worker, unlike that of all others. */
  readonly name: string;
  readonly hasJoined: () => boolean;
  /** The time in place of the server's. */
  readonly time: (() => number) | undefined;
}

/** What a worker says about limits to Redis. */
export class LimitCommands implements Conversation {
  readonly reports: Reports;
  private readonly channel: string;
  private readonly epoch: string;
  private readonly burials: Burials;
  private lookedAt = -Infinity;
  private taken = 0;

  constructor(private readonly parts: LimitCommandsParts) {
    const { connection, clock, hasJoined } = parts;
    this.channel = connection.key(TAG, 'changes');
    this.epoch = connection.key(TAG, 'epoch');
    this.burials = new Burials({ connection, tag: TAG, name: parts.name });
    this.reports = new Reports({ clock, hasJoined, run: (...command) => this.run(...command) });
  }

  nextId(): string {
    this.taken += 1;
    return `${this.parts.name}:${this.taken}`;
  }

  /** Takes from all keys or from none. Rejects if Redis does not answer; what it may have given is then taken back later. */
  async take(keys: readonly KnownKey[], demand: LimitDemand, shownAt: number): Promise<LimitLease | LimitRefusal> {
    const id = this.nextId();
    const isMeasured = keys.some(({ hasTokenLimit }) => hasTokenLimit);
    try {
      const first = await this.ask(keys, { id, demand, isMeasured, shownAt });
      return first ?? (await this.ask(keys, { id, demand, isMeasured: true, shownAt })) ?? { reason: 'store' };
    } catch (error) {
      this.reports.add(ABANDON, keys, () => [id]);
      throw error;
    }
  }

  pause(keys: readonly KnownKey[], forMs: number): void {
    const { name, clock } = this.parts;
    const soundMs = forMs >= 0 && forMs <= LONGEST_PAUSE_MS ? forMs : 0;
    for (const key of keys) {
      key.pauses += 1;
      key.pausedUntil = Math.max(key.pausedUntil, clock.monotonic() + soundMs);
    }
    const args = keys.flatMap(({ key, limits }) => [limits, `${name}|${key}`]);
    this.reports.add(PAUSE, keys, (lateMs) => [name, Math.max(soundMs - lateMs, 0), ...args]);
  }

  seedDay(keys: readonly KnownKey[], used: number): void {
    this.reports.add(SEED_DAY, keys, () => [this.parts.name, used, ...keys.map(({ limits }) => limits)]);
  }

  async leave(): Promise<void> {
    const { known, name } = this.parts;
    // Without an answer the limits of this worker hold until the others notice that it has gone.
    const leaving = known.all.length > 0 ? [this.run(LEAVE, known.all, [name]), this.burials.leave()] : [];
    await Promise.allSettled(leaving);
  }

  async greet(): Promise<number> {
    const { connection } = this.parts;
    return Number(await connection.run(HELLO, [this.epoch, connection.key(TAG, 'run')], [this.now]));
  }

  async bring(): Promise<void> {
    const { known, clock, name } = this.parts;
    const now = clock.monotonic();
    const brought = known.all.flatMap(({ own }) => own.toBring);
    const args = known.all.flatMap(({ own, limits }) => {
      const entries = own.toBring.flatMap((request) => [
        memberOf(request),
        request.sentAt === undefined ? -1 : Math.round(now - request.sentAt),
      ]);
      return [name, limits, own.uncounted.day, own.uncounted.count, entries.length / 2, ...entries];
    });
    if (brought.length > 0) {
      for (const request of brought) request.isCounted = true;
      try {
        await this.run(BRING, known.all, [LEASE_MS, ...args]);
      } catch (error) {
        for (const request of brought) request.isCounted = false;
        throw error;
      }
      for (const { own } of known.all) own.uncounted = { day: -1, count: 0 };
    }
    await this.reports.flush();
    await this.bury();
  }

  async beat(seen: number): Promise<number> {
    const { connection, known, name, logger, clock } = this.parts;
    if (clock.monotonic() - this.lookedAt >= LOOK_MS) void this.bury().catch(() => undefined);
    const keys = known.all;
    const args = keys.flatMap(({ limits, share, shared, since, day, count }) => [
      ...[limits, share.requests, share.tokens, share.day],
      ...[shared.since, shared.requests, shared.tokens],
      ...[since, day, count],
    ]);
    const reply = await connection.run(BEAT, [this.epoch, ...this.keysOf(keys)], [this.now, name, seen, ...args]);
    const { time, forgotUntil } = readBeat(reply as readonly RedisReply[], keys);
    if (forgotUntil !== undefined)
      logger.warn(
        `The Redis at ${connection.shown} has no memory of the last minute. Requests with limits wait for ${Math.ceil((forgotUntil - time) / 1_000)} s.`,
      );
    return time;
  }

  /** Frees the shares of workers that have died on this machine. */
  private async bury(): Promise<void> {
    this.lookedAt = this.parts.clock.monotonic();
    const gone = await this.burials.look();
    if (gone.length > 0) await this.run(BURY, this.parts.known.all, gone);
  }

  /** Undefined if the prompt must be measured. */
  private async ask(keys: readonly KnownKey[], asked: Asked): Promise<LimitLease | LimitRefusal | undefined> {
    const { connection, clock, name } = this.parts;
    const { id, demand, isMeasured, shownAt } = asked;
    // Measuring a prompt takes time.
    const [prompt, cap] = isMeasured ? [demand.promptTokens, finite(demand.outputCap)] : [-1, -1];
    const reply = await connection.run(
      TAKE,
      [this.epoch, ...this.keysOf(keys)],
      [
        ...[this.now, name, id, LEASE_MS, prompt, cap, shownAt],
        ...keys.flatMap(({ limits, since, day, count }) => [limits, since, day, count]),
      ],
    );
    const [reason, retryInMs, since, ...figures] = reply as readonly RedisReply[];
    if (reason === 'measure') {
      for (const each of keys) each.hasTokenLimit = true;
      return undefined;
    }
    const entries = keys.map((key, index) => {
      const [cost, day, count, dayLimit] = figures.slice(index * FIGURES, (index + 1) * FIGURES);
      [key.since, key.day, key.count] = [Number(since), Number(day), Number(count)];
      if (cap < 0 && isMeasured && Number(cost) < key.figures.tokens) key.usual = Number(cost) - prompt;
      return { key, cost: String(cost), day: Number(dayLimit) > 0 ? key.day : -1, pauses: key.pauses };
    });
    if (reason !== 'ok')
      return {
        reason: reason as 'quota' | 'rate-limit',
        ...(Number(retryInMs) >= 0 && { retryInMs: Number(retryInMs) }),
      };
    const now = clock.monotonic();
    const held = entries.map(({ cost, ...entry }) => {
      entry.key.own.forget(now, entry.key.figures.windowMs);
      return { ...entry, request: entry.key.own.add({ id, cost, sentAt: undefined, isCounted: true }) };
    });
    return new RedisLease({ entries: held, report: this.reports.add, clock, leaseMs: LEASE_MS });
  }

  private run(script: RedisScript, keys: readonly KnownKey[], args: readonly (string | number)[]): Promise<unknown> {
    return this.parts.connection.run(script, [this.channel, ...this.keysOf(keys)], [this.now, ...args]);
  }

  private keysOf(keys: readonly KnownKey[]): readonly string[] {
    return keys.flatMap(({ key }) => STATE_KEYS.map((name) => this.parts.connection.key(TAG, name, key)));
  }

  private get now(): string | number {
    return this.parts.time?.() ?? '';
  }
}

interface Asked {
  readonly id: string;
  readonly demand: LimitDemand;
  readonly isMeasured: boolean;
  readonly shownAt: number;
}

function finite(tokens: number): number {
  return tokens >= 0 && tokens < Infinity ? tokens : -1;
}
