import { HELD_MS, SILENT_MS } from '../../../../../plugins/redis/workers/times.js';

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
const ANSWERS = 100;
const COVERED = 0.9;

/** Requests, tokens and requests of the day. */
export interface ShareOf {
  readonly requests: number;
  readonly tokens: number;
  readonly day: number;
}

export const NOTHING: ShareOf = { requests: 0, tokens: 0, day: 0 };

/** The limits of one worker, or the strictest of all; 0 is none. */
interface LimitsOf extends ShareOf {
  readonly intervalMs: number;
  readonly skewMs: number;
  readonly parts: number;
}

const UNLIMITED: LimitsOf = { ...NOTHING, intervalMs: 0, skewMs: 0, parts: 0 };

/** Why a request does not fit, and for how many milliseconds; -1: not known. */
export interface Refused {
  readonly reason: 'quota' | 'rate-limit';
  readonly ms: number;
}

const UNKNOWN: Refused = { reason: 'rate-limit', ms: -1 };

/**
 * The state of one limit key as the scripts keep it, without their shortcuts: sums are counted anew, and time passes with every look.
 * A request is named `ID|TOKENS`.
 */
export class KeyState {
  now = 0;
  /** The requests that were sent, by the time of sending. */
  readonly sent = new Map<string, number>();
  /** Those that were admitted and not sent yet, by the end of their leases. */
  readonly pending = new Map<string, number>();
  /** Lengths of recent answers, the last one first. */
  outputs: number[] = [];
  /** The limits by worker, as texts. */
  readonly workers = new Map<string, string>();
  readonly seen = new Map<string, number>();
  readonly shares = new Map<string, ShareOf>();
  lastSentAt = -Infinity;
  day = -1;
  count = 0;
  pausedUntil = 0;
  /** Until when it counts as full, because what was sent before was not counted. */
  fullUntil = 0;
  /** Whether somebody was refused since the last message. */
  isAwaited = false;
  limits = UNLIMITED;
  /** The shares of all before the store lost its memory, and of those that have come back. */
  lost = { requests: 0, tokens: 0 };
  found = { requests: 0, tokens: 0 };

  get windowMs(): number {
    return MINUTE_MS + this.limits.skewMs;
  }

  get isLimited(): boolean {
    const { intervalMs, requests, tokens } = this.limits;
    return intervalMs > 0 || requests > 0 || tokens > 0;
  }

  /** Time does not go back. */
  open(now: number): this {
    this.now = Math.max(now, this.now);
    const today = Math.floor(this.now / DAY_MS);
    if (this.day < today) [this.day, this.count] = [today, 0];
    this.passTime();
    return this;
  }

  passTime(): void {
    for (const [member, at] of this.pending) {
      if (at > this.now) continue;
      this.pending.delete(member);
      this.sent.set(member, at);
      this.lastSentAt = Math.max(this.lastSentAt, at);
    }
    for (const [member, at] of this.sent) if (at <= this.now - this.windowMs) this.sent.delete(member);
  }

  /** A worker brings its limits: interval, requests, tokens, requests of the day, skew, parts. */
  join(worker: string, limits: string, seenAt = 0): void {
    if (this.workers.get(worker) === limits) return;
    this.workers.set(worker, limits);
    if (!this.seen.has(worker)) this.seen.set(worker, seenAt);
    this.resize();
    this.passTime();
  }

  /** Forgets a worker. The limits of the last one stay. */
  part(worker: string): void {
    this.seen.delete(worker);
    this.shares.delete(worker);
    if (this.workers.delete(worker) && this.workers.size > 0) this.resize();
  }

  /** The strictest limits of all workers hold. */
  resize(): void {
    const before = this.limits;
    const all = [...this.workers.values()].map((text) => text.split(' ').map(Number));
    const column = (at: number): readonly number[] => all.map((numbers) => numbers[at] ?? 0);
    const least = (at: number): number => {
      const set = column(at).filter((value) => value > 0);
      return set.length === 0 ? 0 : Math.min(...set);
    };
    const most = (at: number): number => Math.max(0, ...column(at));
    this.limits = {
      intervalMs: most(0),
      requests: least(1),
      tokens: least(2),
      day: least(3),
      skewMs: most(4),
      parts: most(5),
    };
    const isNew =
      (before.requests === 0 && this.limits.requests > 0) || (before.tokens === 0 && this.limits.tokens > 0);
    if (isNew) this.fullUntil = Math.max(this.fullUntil, this.lastSentAt + this.windowMs);
  }

  /** The length that nine of ten answers do not exceed. */
  usualOutput(): number {
    if (this.outputs.length === 0) return Infinity;
    const sorted = [...this.outputs].sort((a, b) => a - b);
    return sorted[Math.max(Math.ceil(COVERED * sorted.length), 1) - 1] ?? Infinity;
  }

  answered(output: number): void {
    this.outputs = [output, ...this.outputs].slice(0, ANSWERS);
  }

  /** Undefined: the request fits. @param since when the store's memory begins */
  refusal(cost: number, since: number): Refused | undefined {
    const { day: dayLimit } = this.limits;
    const dayEnd = dayLimit > 0 && this.count >= dayLimit ? (this.day + 1) * DAY_MS : 0;
    const held = Math.max(this.pausedUntil > this.now ? this.pausedUntil : 0, dayEnd);
    if (held > 0) return { reason: 'quota', ms: held - this.now };
    const aside = this.setAside(since);
    if (dayLimit > 0 && this.count + aside.day >= dayLimit) return UNKNOWN;
    const remembers = this.isLimited || dayLimit > 0 ? Math.max(since + this.windowMs, this.fullUntil) : this.now;
    const times = [this.intervalAt(), this.requestsAt(aside.requests), this.tokensAt(cost, aside.tokens)];
    if (times.includes(undefined)) return UNKNOWN;
    const at = Math.max(this.now, remembers, ...times.map(Number));
    return at > this.now ? { reason: 'rate-limit', ms: at - this.now } : undefined;
  }

  /** What workers may use that cannot be heard. */
  private setAside(since: number): ShareOf {
    const { requests, tokens, day, parts } = this.limits;
    const silent = [...this.seen]
      .filter(([, at]) => at >= this.now - HELD_MS - this.windowMs && at <= this.now - SILENT_MS)
      .map(([worker]) => this.shares.get(worker) ?? NOTHING);
    const heard = [...this.seen.values()].filter((at) => at > this.now - SILENT_MS).length;
    const away = Math.max(parts - heard, 0);
    const ofParts = (limit: number): number => (parts === 0 ? 0 : away * Math.floor(limit / parts));
    const isForgetful = this.now < since + HELD_MS + this.windowMs;
    const missing = (kind: 'requests' | 'tokens'): number =>
      isForgetful ? Math.max(this.lost[kind] - this.found[kind], 0) : 0;
    return {
      requests: Math.max(sumOf(silent, 'requests'), ofParts(requests)) + missing('requests'),
      tokens: Math.max(sumOf(silent, 'tokens'), ofParts(tokens)) + missing('tokens'),
      day: Math.max(sumOf(silent, 'day'), ofParts(day)),
    };
  }

  private intervalAt(): number | undefined {
    const { intervalMs } = this.limits;
    if (intervalMs === 0) return this.now;
    return this.pending.size > 0 ? undefined : Math.max(this.now, this.lastSentAt + intervalMs);
  }

  private requestsAt(aside: number): number | undefined {
    const excess = this.sent.size + this.pending.size + 1 + aside - this.limits.requests;
    return this.limits.requests === 0 ? this.now : this.roomAt(excess, () => 1);
  }

  private tokensAt(cost: number, aside: number): number | undefined {
    const used = [...this.sent.keys(), ...this.pending.keys()].reduce((sum, member) => sum + tokensOf(member), 0);
    return this.limits.tokens === 0 ? this.now : this.roomAt(used + cost + aside - this.limits.tokens, tokensOf);
  }

  /** When enough of what was sent has left the window; undefined if that is not known. */
  private roomAt(over: number, of: (member: string) => number): number | undefined {
    let excess = over;
    if (excess <= 0) return this.now;
    for (const [member, at] of [...this.sent].sort(byTime)) {
      excess -= of(member);
      if (excess <= 0) return at + this.windowMs;
    }
    return undefined;
  }
}

export function tokensOf(member: string): number {
  return Number(member.slice(member.indexOf('|') + 1));
}

function byTime([a, at]: readonly [string, number], [b, bt]: readonly [string, number]): number {
  return at - bt || (a < b ? -1 : 1);
}

export function sumOf(shares: readonly ShareOf[], kind: keyof ShareOf): number {
  return shares.reduce((sum, share) => sum + share[kind], 0);
}
