import type { Clock } from '../../core/clock.js';
import type { DayQuota, LimitDemand, LimitLease, LimitRefusal, MaybePromise } from '../../core/ports.js';
import type { Limits } from '../../core/provider.js';
import { isPromise } from '../../core/util/maybe-promise.js';
import { RecentQuantile } from '../../core/util/recent-quantile.js';
import { DailyCount } from './daily-count.js';
import { DailyCounts } from './daily-counts.js';
import type { DayShares } from './daily-counts.js';
import { Interval } from './interval.js';
import { KeyLease } from './key-lease.js';
import type { KeyCounters } from './key-lease.js';
import type { LimiterMember } from './limiter-member.js';
import type { Use } from './recent-uses.js';
import { SharedUses } from './shared-uses.js';
import { strictestLimits } from './strictest-limits.js';
import type { MemberLimits } from './strictest-limits.js';
import { UseLog } from './use-log.js';
import { Window } from './window.js';

const MINUTE_MS = 60_000;
/** Number of answers from which the usual length is computed, and the share of them that it covers. */
const ANSWERS = 100;
const COVERED = 0.9;
/** Other processes do not signal when they release or settle. */
const LOOK_AGAIN_MS = 5_000;

/**
 * All limits of one key, which are taken together or not at all: a minimum interval, requests and tokens per minute,
 * requests per day, and a pause that the server has asked for. All pipelines of a process that use the key share them, and
 * the strictest limits hold. Tokens are reserved in advance and settled afterwards.
 * @see docs/decisions/0021-limits-are-an-accounts.md
 */
export class KeyLimits {
  private readonly counters: KeyCounters;
  private readonly members = new Map<LimiterMember, MemberLimits>();
  private pauses = 0;
  /** All stores have one name of this process: two of them may lead to the same data. */
  private process: string | undefined;
  /** Monotonic milliseconds of the last look at the stores. */
  private askedAt = -Infinity;

  constructor(
    readonly key: string,
    readonly clock: Clock,
  ) {
    this.counters = {
      interval: new Interval(0),
      requests: new Window(0, MINUTE_MS),
      tokens: new Window(0, MINUTE_MS),
      daily: new DailyCounts(),
      outputs: new RecentQuantile(ANSWERS),
      log: new UseLog(),
      clock,
      onChange: () => this.changed(),
      pauses: () => this.pauses,
    };
  }

  /** Whether no pipeline uses the key any more. */
  get isUnused(): boolean {
    return this.members.size === 0;
  }

  /** A pipeline uses the key, with these limits. */
  join(member: LimiterMember, limits: Limits): void {
    const known = this.members.get(member);
    if (known?.limits.some((earlier) => isSame(earlier, limits)) === true) return;
    this.members.set(member, { ...known, limits: [...(known?.limits ?? []), limits], skewMs: member.skewMs });
    const make = (): DailyCount => this.countAt(member);
    if (known === undefined) this.counters.daily.join(member.place, member, { make, now: this.clock.now() });
    this.resize();
  }

  leave(member: LimiterMember): void {
    if (!this.members.delete(member)) return;
    this.counters.daily.leave(member);
    this.resize();
    this.changed();
  }

  /**
   * The refusal of the demand, by what this process knows; undefined if the demand fits, or if it is time to look what other
   * processes do.
   */
  refusal(demand: LimitDemand): LimitRefusal | undefined {
    const held = this.held();
    if (held !== undefined) return held;
    const refusal = this.refusalOf(this.reserve(demand));
    if (refusal === undefined || !this.isHeldByOthers(demand)) return refusal;
    const now = this.clock.monotonic();
    // Others have no part in the interval of this process.
    const lookAt = latest([this.askedAt + LOOK_AGAIN_MS, this.counters.interval.availableAt(now)]);
    if (lookAt === undefined) return refusal;
    return lookAt <= now ? undefined : { ...refusal, retryInMs: Math.min(refusal.retryInMs ?? Infinity, lookAt - now) };
  }

  /** Takes the demand, if it fits. The stores are asked last, since only they can fail. */
  take(demand: LimitDemand): MaybePromise<LimitLease | LimitRefusal> {
    const refusal = this.refusal(demand);
    if (refusal !== undefined) return refusal;
    const lease = new KeyLease(this.counters, this.reserve(demand));
    this.askedAt = this.clock.monotonic();
    const settle = (shares: DayShares | undefined): LimitLease | LimitRefusal => {
      if (shares !== undefined) return lease.counted(shares);
      lease.abandon();
      return this.refusal(demand) ?? { reason: 'rate-limit', retryInMs: 0 };
    };
    const fail = (error: unknown): never => {
      lease.abandon();
      throw error;
    };
    try {
      const taken = this.counters.daily.take(this.clock.now());
      return isPromise(taken) ? taken.then(settle, fail) : settle(taken);
    } catch (error) {
      return fail(error);
    }
  }

  /** Holds the key back for `forMs`, at the server's request. */
  pause(forMs: number): void {
    this.pauses += 1;
    this.counters.daily.pause(this.clock.now(), forMs);
    this.changed();
  }

  /** Adopts the daily quota that the server reports to a pipeline. */
  seedDay(member: LimiterMember, { used, limit }: DayQuota): void {
    const known = this.members.get(member);
    if (known !== undefined) this.members.set(member, { ...known, dayQuota: limit });
    this.resize();
    this.counters.daily.raise(this.clock.now(), used);
    this.changed();
  }

  private changed(): void {
    for (const member of this.members.keys()) member.changed();
  }

  private resize(): void {
    const limits = strictestLimits([...this.members.values()]);
    const { interval, requests, tokens, daily } = this.counters;
    const windowMs = MINUTE_MS + limits.skewMs;
    interval.resize(limits.minIntervalMs);
    requests.resize(limits.requestsPerMinute, windowMs);
    tokens.resize(limits.tokensPerMinute, windowMs);
    daily.setLimit(limits.requestsPerDay);
  }

  private countAt({ store, process }: LimiterMember): DailyCount {
    const { clock, key } = this;
    const { log, requests, tokens } = this.counters;
    if (process === undefined) return new DailyCount({ key, store });
    this.process ??= process;
    const uses = new SharedUses({
      process: this.process,
      clock,
      log,
      isLimited: () => requests.isLimited || tokens.isLimited,
      fits: () => this.stillFits(),
    });
    return new DailyCount({ key, store, uses });
  }

  /** Whether what was admitted fits, with what other processes have sent by now. */
  private stillFits(): boolean {
    const { requests, tokens, daily } = this.counters;
    const { others } = daily;
    const costs = (of: (use: Use) => number) => others.map((use) => ({ at: use.at, cost: of(use) }));
    requests.setForeign(costs((use) => use.requests));
    tokens.setForeign(costs((use) => use.tokens));
    const now = this.clock.monotonic();
    return requests.availableAt(now, 0) === now && tokens.availableAt(now, 0) === now;
  }

  private isHeldByOthers(demand: LimitDemand): boolean {
    const { requests, tokens } = this.counters;
    const now = this.clock.monotonic();
    return requests.isHeldByOthers(now, 1) || tokens.isHeldByOthers(now, this.reserve(demand));
  }

  private refusalOf(reserved: number): LimitRefusal | undefined {
    const { interval, requests, tokens } = this.counters;
    const now = this.clock.monotonic();
    const at = latest([
      now,
      interval.availableAt(now),
      requests.availableAt(now, 1),
      tokens.availableAt(now, reserved),
    ]);
    if (at === now) return undefined;
    return { reason: 'rate-limit', ...(at !== undefined && { retryInMs: at - now }) };
  }

  private held(): LimitRefusal | undefined {
    const now = this.clock.now();
    const until = this.counters.daily.heldUntil(now);
    return until === undefined ? undefined : { reason: 'quota', retryInMs: until - now };
  }

  /**
   * The tokens to reserve: the most that the prompt and the answer can take. An answer without a cap is taken to be as long
   * as nine of ten were; before the first of them, it takes the whole window.
   */
  private reserve(demand: LimitDemand): number {
    const { tokens, outputs } = this.counters;
    if (!tokens.isLimited) return 0;
    // Only a limit of tokens reads the prompt's: measuring it takes time.
    const { promptTokens, outputCap } = demand;
    const output = outputCap === Infinity ? (outputs.at(COVERED) ?? Infinity) : outputCap;
    return promptTokens + output;
  }
}

function isSame(a: Limits, b: Limits): boolean {
  return (
    a.minIntervalMs === b.minIntervalMs &&
    a.requestsPerMinute === b.requestsPerMinute &&
    a.tokensPerMinute === b.tokensPerMinute &&
    a.requestsPerDay === b.requestsPerDay
  );
}

/** The latest of several times; undefined if one of them is. */
function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), -Infinity);
}
