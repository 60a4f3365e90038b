/** What was sent within about a second. */
export interface Use {
  /** Epoch milliseconds of the last request. */
  readonly at: number;
  readonly requests: number;
  readonly tokens: number;
}

/** What the processes that share a state store have sent of late, by process. */
export type RecentUses = Readonly<Record<string, readonly Use[]>>;

/** Older uses matter to no window: those last a minute, and the skew. */
export const KEPT_MS = 90_000;

/** Reads stored uses. What has another shape counts as none. */
export function readUses(value: unknown): RecentUses {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([process, uses]) => [process, Array.isArray(uses) ? uses.flatMap(readUse) : []]),
  );
}

function readUse(value: unknown): readonly Use[] {
  if (!Array.isArray(value)) return [];
  const [at, requests, tokens] = value as readonly unknown[];
  return isAmount(at) && isAmount(requests) && isAmount(tokens) ? [{ at, requests, tokens }] : [];
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

/**
 * Puts the uses of one process in place of its earlier ones, and forgets old ones. A time to come was written before the
 * clock was set back; it becomes the present, so that it ends.
 */
export function withUses(
  recent: RecentUses,
  own: { readonly process: string; readonly uses: readonly Use[] },
  now: number,
): RecentUses {
  const all: RecentUses = { ...recent, [own.process]: own.uses };
  const kept = Object.entries(all).map(([process, uses]) => [
    process,
    uses.filter(({ at }) => at + KEPT_MS > now).map((use) => (use.at > now ? { ...use, at: now } : use)),
  ]) as [string, readonly Use[]][];
  return Object.fromEntries(kept.filter(([, uses]) => uses.length > 0));
}

/** The short form in which uses are stored. */
export function storedUses(recent: RecentUses): Readonly<Record<string, readonly (readonly number[])[]>> {
  return Object.fromEntries(
    Object.entries(recent).map(([process, uses]) => [
      process,
      uses.map(({ at, requests, tokens }) => [Math.ceil(at), requests, Math.ceil(tokens)]),
    ]),
  );
}
