/** What was sent within about a second. */
export interface Use {
  /** Epoch milliseconds by which the last request was sent. */
  readonly at: number;
  readonly requests: number;
  readonly tokens: number;
}

/** What the processes that share a state store have sent of late, by process. */
export type RecentUses = Readonly<Record<string, readonly Use[]>>;

/** Older uses matter to no window: those last a minute, and the skew. */
export const KEPT_MS = 90_000;

/**
 * A request is noted at its admission, as sent so much later. Only one that is sent later still is noted again: so most
 * requests need one update of the store.
 */
export const SLACK_MS = 1_000;

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

/** The short form in which uses are stored. */
export function storedUses(recent: RecentUses): Readonly<Record<string, readonly (readonly number[])[]>> {
  return Object.fromEntries(
    Object.entries(recent).map(([process, uses]) => [
      process,
      uses.map(({ at, requests, tokens }) => [Math.round(at), requests, Math.ceil(tokens)]),
    ]),
  );
}
