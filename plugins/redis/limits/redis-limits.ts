import { filter, map } from 'rxjs';
import type { Observable } from 'rxjs';
import type {
  Clock,
  DayQuota,
  LimitDemand,
  LimitKey,
  LimitLease,
  LimitRefusal,
  LimitStore,
  Random,
} from 'scriptorium/plugin';
import type { RedisConnection, RedisReply } from '../connection.js';
import type { RedisScript } from '../scripts.js';
import { KnownLimits } from './known-limits.js';
import type { KnownKey } from './known-limits.js';
import { LEAVE, PAUSE, SEED_DAY, STATE_KEYS, TAKE } from './limit-scripts.js';
import { RedisLease } from './redis-lease.js';

const TAG = 'limits';
/** A request that was admitted and is not reported as sent counts as sent after so long. */
export const LEASE_MS = 120_000;
/** Below a year, as every duration that a server may name. */
const LONGEST_PAUSE_MS = 366 * 86_400_000;

const NAMES = 36 ** 8;

/** Dependencies of `redisLimits`. */
export interface RedisLimitsParts {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  /** The pipeline's configuration. It is asked for when the limits are first used. */
  readonly config: () => { readonly rateLimit: { readonly skewMs: number } };
  readonly random: () => Random;
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

/** Counts requests and tokens in Redis, by the server's clock, so that all pipelines that use it keep one limit. */
export function redisLimits(parts: RedisLimitsParts): RedisLimits {
  return new Limits(parts);
}

class Limits implements RedisLimits {
  readonly changes$: Observable<unknown>;
  private readonly channel: string;
  private use: { readonly known: KnownLimits; readonly member: string } | undefined;
  private taken = 0;

  constructor(private readonly parts: RedisLimitsParts) {
    const { connection } = parts;
    this.channel = connection.key(TAG, 'changes');
    this.changes$ = connection.messages(this.channel).pipe(
      filter((message) => !message.startsWith(`${this.member}|`)),
      map((message) => this.paused(message)),
    );
  }

  async take(keys: readonly LimitKey[], demand: LimitDemand): Promise<LimitLease | LimitRefusal> {
    const known = this.known.of(keys);
    const id = `${this.member}:${(this.taken += 1)}`;
    const isMeasured = known.some(({ hasTokenLimit }) => hasTokenLimit);
    const first = await this.ask(known, { id, demand, isMeasured });
    return first ?? (await this.ask(known, { id, demand, isMeasured: true })) ?? { reason: 'store' };
  }

  pause(keys: readonly LimitKey[], forMs: number): void {
    const known = this.known.of(keys);
    for (const each of known) each.pauses += 1;
    const { member } = this;
    const soundMs = forMs >= 0 && forMs <= LONGEST_PAUSE_MS ? forMs : 0;
    this.report(PAUSE, known, [
      ...[member, soundMs],
      ...known.flatMap(({ key, limits }) => [limits, `${member}|${key}`]),
    ]);
  }

  seedDay(keys: readonly LimitKey[], { used, limit }: DayQuota): void {
    const known = this.known.of(keys);
    for (const key of keys) this.known.setDay(key, limit);
    this.report(SEED_DAY, known, [this.member, used, ...known.map(({ limits }) => limits)]);
  }

  async leave(): Promise<void> {
    const known = this.use?.known.all ?? [];
    // Without an answer the limits of this pipeline hold until the others notice that it is gone.
    if (known.length > 0) await this.run(LEAVE, known, [this.member]).catch(() => undefined);
  }

  /** Undefined if the prompt must be measured. */
  private async ask(
    known: readonly KnownKey[],
    { id, demand, isMeasured }: { readonly id: string; readonly demand: LimitDemand; readonly isMeasured: boolean },
  ): Promise<LimitLease | LimitRefusal | undefined> {
    const { connection, clock } = this.parts;
    const { member } = this;
    // Measuring a prompt takes time.
    const [prompt, cap] = isMeasured ? [demand.promptTokens, finite(demand.outputCap)] : [-1, -1];
    const reply = await connection.run(
      TAKE,
      [connection.key(TAG, 'epoch'), ...this.keysOf(known)],
      [
        ...[this.now, member, id, LEASE_MS, prompt, cap],
        ...known.flatMap(({ limits, since, day, count }) => [limits, since, day, count]),
      ],
    );
    const [reason, retryInMs, since, ...shares] = reply as readonly RedisReply[];
    if (reason === 'measure') {
      for (const each of known) each.hasTokenLimit = true;
      return undefined;
    }
    for (const each of known) each.since = Number(since);
    const entries = known.map((key, index) => this.learn(key, shares.slice(index * 4, index * 4 + 4)));
    if (reason !== 'ok')
      return {
        reason: reason as 'quota' | 'rate-limit',
        ...(Number(retryInMs) >= 0 && { retryInMs: Number(retryInMs) }),
      };
    const run = (script: RedisScript, args: readonly (string | number)[]): void => this.report(script, known, args);
    return new RedisLease({ id, entries, run, clock, leaseMs: LEASE_MS });
  }

  private learn(key: KnownKey, [cost, day, count, dayLimit]: readonly RedisReply[]) {
    [key.day, key.count] = [Number(day), Number(count)];
    return { key, cost: String(cost), day: Number(dayLimit) > 0 ? key.day : -1, pauses: key.pauses };
  }

  private get known(): KnownLimits {
    return this.used.known;
  }

  /** The name of this pipeline, unlike that of all others. */
  private get member(): string {
    return this.used.member;
  }

  private get used() {
    const { config, random } = this.parts;
    this.use ??= { known: new KnownLimits(config().rateLimit.skewMs), member: randomName(random()) };
    return this.use;
  }

  private paused(message: string): void {
    const key = this.known.find(message.slice(message.indexOf('|') + 1));
    if (message !== '' && key !== undefined) key.pauses += 1;
  }

  /** The connection has logged a server that is away. */
  private report(script: RedisScript, known: readonly KnownKey[], args: readonly (string | number)[]): void {
    this.run(script, known, args).catch(() => undefined);
  }

  private run(script: RedisScript, known: readonly KnownKey[], args: readonly (string | number)[]): Promise<unknown> {
    return this.parts.connection.run(script, [this.channel, ...this.keysOf(known)], [this.now, ...args]);
  }

  private keysOf(known: readonly KnownKey[]): readonly string[] {
    return known.flatMap(({ key }) => STATE_KEYS.map((name) => this.parts.connection.key(TAG, name, key)));
  }

  private get now(): string | number {
    return this.parts.time?.() ?? '';
  }
}

/** Enough letters and digits that no two pipelines have the same. */
function randomName(random: Random): string {
  return [0, 1].map(() => Math.floor(random() * NAMES).toString(36)).join('');
}

function finite(tokens: number): number {
  return tokens >= 0 && tokens < Infinity ? tokens : -1;
}
