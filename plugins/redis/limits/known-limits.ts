import { strictestLimits } from 'scriptorium/plugin';
import type { Limits, LimitKey, MemberLimits } from 'scriptorium/plugin';

/** The state of one limit key, as a pipeline knows it. */
export interface KnownKey {
  readonly key: string;
  /** The pipeline's own limits, for scripts: interval, requests, tokens, requests of a day, skew. */
  limits: string;
  /** Whether tokens are limited, here or by another pipeline, so that prompts are measured. */
  hasTokenLimit: boolean;
  /** Since when the store remembered when it was last asked, by its clock. */
  since: number;
  /** The count of the day that the store has named, and the day (since the epoch). */
  day: number;
  count: number;
  /** How often the key was paused. */
  pauses: number;
}

/** The limits of all keys that a pipeline uses. */
export class KnownLimits {
  private readonly keys = new Map<string, { readonly known: KnownKey; member: MemberLimits }>();

  constructor(private readonly skewMs: number) {}

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
      known: { key, limits: '', hasTokenLimit: false, since: -1, day: -1, count: 0, pauses: 0 },
      member: { limits: [], skewMs: this.skewMs },
    };
    this.adopt(made, { ...made.member, limits: [...made.member.limits, limits] });
    this.keys.set(key, made);
    return made.known;
  }

  private adopt(kept: { readonly known: KnownKey; member: MemberLimits }, member: MemberLimits): void {
    kept.member = member;
    const { minIntervalMs, requestsPerMinute, tokensPerMinute, requestsPerDay, skewMs } = strictestLimits([member]);
    kept.known.limits = [minIntervalMs, requestsPerMinute, tokensPerMinute, requestsPerDay, skewMs].join(' ');
    kept.known.hasTokenLimit ||= tokensPerMinute > 0;
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
