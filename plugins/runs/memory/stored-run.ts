import { RunError } from '../journal/run-error.js';
import type { Append, ItemDigests, ItemResult, ItemState, JournalAttempt, Worker } from '../journal/item.js';
import type { ItemSpec, RunLimits, RunSpec } from '../journal/run-spec.js';
import { specDigest } from '../receipt/digest.js';
import type { RunState } from '../journal/run-status.js';

/** An item as the memory journal keeps it. */
export interface StoredItem {
  readonly spec: ItemSpec;
  readonly index: number;
  state: ItemState;
  epoch: number;
  since: number;
  until: number | undefined;
  reason: string | undefined;
  tries: number;
  restarts: number;
  error: Readonly<Record<string, unknown>> | undefined;
  /** Present while it is leased. */
  claim: StoredClaim | undefined;
  chunks: readonly Append[];
  bytes: number;
  readonly attempts: Map<string, JournalAttempt>;
  needsUsd: number;
  /** Whether it was cancelled itself, and not because of an item before it. */
  isCancelledAlone: boolean;
  end: { readonly result: ItemResult; readonly sha256: string; readonly words: number } | undefined;
  /** Those that its last lease left behind. */
  digests: ItemDigests | undefined;
}

/** The claim of a leased item. */
export interface StoredClaim {
  readonly worker: Worker;
  leaseMs: number;
  hasAdded: boolean;
  readonly holdUsd: number;
  /** What the item had cost before. */
  readonly spentBeforeUsd: number;
}

/** A run as the memory journal keeps it. */
export interface StoredRun {
  readonly id: string;
  /** The order of creation. */
  readonly place: number;
  readonly spec: RunSpec;
  readonly digest: string;
  readonly createdAt: number;
  readonly items: readonly StoredItem[];
  limits: RunLimits;
  state: RunState;
  endedAt: number | undefined;
}

/** A copy as a store makes one: what is not JSON is left out. */
export const copyOf = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

export function newRun(spec: RunSpec, place: number, now: number): StoredRun {
  const kept = copyOf(spec);
  return {
    id: `run-${place}`,
    place,
    spec: kept,
    digest: specDigest(kept.items),
    createdAt: now,
    items: kept.items.map((item, index) => newItem(item, index, now)),
    limits: kept.limits,
    state: 'running',
    endedAt: undefined,
  };
}

function newItem(spec: ItemSpec, index: number, now: number): StoredItem {
  return {
    spec,
    index,
    state: (spec.after ?? []).length === 0 ? 'ready' : 'waiting',
    epoch: 0,
    since: now,
    until: undefined,
    reason: undefined,
    tries: 0,
    restarts: 0,
    error: undefined,
    claim: undefined,
    chunks: [],
    bytes: 0,
    attempts: new Map(),
    needsUsd: 0,
    isCancelledAlone: false,
    end: undefined,
    digests: undefined,
  };
}

/** @throws RunError `unknown-run` */
export function itemOf({ spec: { name }, items }: StoredRun, id: string): StoredItem {
  const item = items.find(({ spec }) => spec.id === id);
  if (item === undefined) throw new RunError('unknown-run', `The run "${name}" has no item "${id}". See its status.`);
  return item;
}

export const textOf = ({ chunks }: StoredItem): string => chunks.map(({ text }) => text).join('');

export const isInFlight = ({ state }: StoredItem): boolean => state === 'leased';
