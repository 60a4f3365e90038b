import { strictestLimits } from 'scriptorium/plugin';
import type { LimitKey, Limits, MemberLimits } from 'scriptorium/plugin';
import { OwnRequests } from './own-requests.js';
import type { KeyFigures, Share } from './own-requests.js';

const MINUTE_MS = 60_000;
const NO_SHARE: Share = { requests: 0, tokens: 0, day: 0 };

/** The state of one limit key, as a worker knows it. */
export interface KnownKey {
  readonly key: string;
  /** The worker's own limits, for scripts: interval, requests, tokens, requests of a day, skew, the number of parts. */
  limits: string;
  /** The limits of all workers. */
  figures: KeyFigures;
  share: Share;
  /** The shares of all workers, requests and tokens, and since when the store remembered when it named them. */
  shared: { readonly requests: number; readonly tokens: number; readonly since: number };
  /** Whether tokens are limited, here or by another worker, so that prompts are measured. */
  hasTokenLimit: boolean;
  /** Since when the store remembered when it last answered, by its clock. */
  since: number;
  /** The count of the day that the store has named, and the day (since the epoch). */
  day: number;
  count: number;
  /** How often the key was paused. */
  pauses: number;
  /** Monotonic milliseconds. */
  pausedUntil: number;
  /** The usual length of answers, in tokens. */
  usual: number;
  readonly own: OwnRequests;
}

/** How a pipeline limits its keys. */
export interface LimitOptions {
  /** Padding of the windows against jitter, in milliseconds. */
  readonly skewMs: number;
  /** The number of equal parts of which this worker has one without the store; 0 for none. */
  readonly parts: number;
}

/** The limits of all keys that a pipeline uses. */
export class KnownLimits {
  private readonly keys = new Map<string, { readonly known: KnownKey; member: MemberLimits }>();

  constructor(private readonly options: LimitOptions) {}

  /** All keys that were used. */
  get all(): readonly KnownKey[] {
    return [...this.keys.values()].map(({ known }) => known);
  }

  /** The keys, each once, with the strictest of the limits that the pipeline has brought for them. */
  of(keys: readonly LimitKey[]): readonly KnownKey[] {
    const known = keys.map((key) => this.join(key));
    return known.length === 1 ? known : [...new Set(known)];
  }

  /** The key of this name, if it was used. */
  find(key: string): KnownKey | undefined {
    return this.keys.get(key)?.known;
  }

  /** The limit of the day that the server names replaces the configured one. */
  setDay({ key }: LimitKey, dayQuota: number): void {
    const kept = this.keys.get(key);
    if (kept !== undefined) this.adopt(kept, { ...kept.member, dayQuota });
  }

  private join({ key, limits }: LimitKey): KnownKey {
    const kept = this.keys.get(key);
    if (kept?.member.limits.some((each) => each === limits || isSame(each, limits)) === true) return kept.known;
    const made = kept ?? {
      known: { ...NEW_KEY, key, own: new OwnRequests() },
      member: { limits: [], skewMs: this.options.skewMs },
    };
    this.adopt(made, { ...made.member, limits: [...made.member.limits, limits] });
    this.keys.set(key, made);
    return made.known;
  }

  private adopt(kept: { readonly known: KnownKey; member: MemberLimits }, member: MemberLimits): void {
    kept.member = member;
    const { known } = kept;
    const { parts } = this.options;
    const { minIntervalMs, requestsPerMinute, tokensPerMinute, requestsPerDay, skewMs } = strictestLimits([member]);
    known.limits = [minIntervalMs, requestsPerMinute, tokensPerMinute, requestsPerDay, skewMs, parts].join(' ');
    known.hasTokenLimit ||= tokensPerMinute > 0;
    known.figures = {
      intervalMs: minIntervalMs,
      requests: requestsPerMinute,
      tokens: tokensPerMinute,
      day: requestsPerDay,
      windowMs: MINUTE_MS + skewMs,
      workers: Math.max(parts, 1),
    };
    if (parts > 0)
      known.share = {
        requests: Math.floor(requestsPerMinute / parts),
        tokens: Math.floor(tokensPerMinute / parts),
        day: Math.floor(requestsPerDay / parts),
      };
  }
}

const NEW_KEY = {
  limits: '',
  figures: { intervalMs: 0, requests: 0, tokens: 0, day: 0, windowMs: MINUTE_MS, workers: 1 },
  share: NO_SHARE,
  shared: { requests: 0, tokens: 0, since: -1 },
  hasTokenLimit: false,
  since: -1,
  day: -1,
  count: 0,
  pauses: 0,
  pausedUntil: -Infinity,
  usual: Infinity,
} as const;

function isSame(a: Limits, b: Limits): boolean {
  return (
    a.minIntervalMs === b.minIntervalMs &&
    a.requestsPerMinute === b.requestsPerMinute &&
    a.tokensPerMinute === b.tokensPerMinute &&
    a.requestsPerDay === b.requestsPerDay
  );
}
