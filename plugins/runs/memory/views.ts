import { sumCost } from 'scriptorium/plugin';
import type { ItemRecord, ItemState, ItemStatus } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';
import { heldIn } from './money.js';
import { spansOf } from './spans.js';
import { copyOf, textOf } from './stored-run.js';
import type { StoredItem, StoredRun } from './stored-run.js';

/** A run for people. */
export function statusOf(run: StoredRun, now: number): RunStatus {
  const { id, spec, state, createdAt, endedAt, limits, items } = run;
  const usages = items.flatMap(({ attempts }) => [...attempts.values()].map(({ usage }) => usage));
  return {
    id,
    name: spec.name,
    hash: spec.hash,
    digest: run.digest,
    state,
    createdAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    labels: copyOf(spec.labels),
    limits,
    ...(spec.data === undefined ? {} : { data: copyOf(spec.data) }),
    items: countsOf(items),
    words: items.reduce((sum, { end }) => sum + (end?.words ?? 0), 0),
    inputTokens: usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    cost: sumCost(usages),
    heldUsd: heldIn(run),
    ...(state === 'running' ? nextStart(items, now) : {}),
  };
}

function countsOf(items: readonly StoredItem[]): Readonly<Record<ItemState, number>> {
  const counts = { waiting: 0, ready: 0, leased: 0, parked: 0, done: 0, failed: 0, cancelled: 0 };
  for (const { state } of items) counts[state] += 1;
  return counts;
}

/** The earliest time at which a run goes on in which nothing can go on now, or the reason of the first item without one. */
function nextStart(items: readonly StoredItem[], now: number): Pick<RunStatus, 'until' | 'reason'> {
  const open = items.filter(({ state }) => state === 'leased' || state === 'ready' || state === 'parked');
  const isOff = ({ state, until }: StoredItem): boolean =>
    state === 'parked' ? until === undefined || until > now : state === 'ready' && until !== undefined && until > now;
  if (!open.every(isOff)) return {};
  const [first] = [...open].sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity) || a.index - b.index);
  return {
    ...(first?.until === undefined ? {} : { until: first.until }),
    ...(first?.reason === undefined ? {} : { reason: first.reason }),
  };
}

/** An item for people. */
export function itemStatusOf(run: StoredRun, item: StoredItem): ItemStatus {
  const { spec, index, state, epoch, tries, restarts, claim, since, until, reason, bytes, error, end } = item;
  const usages = [...item.attempts.values()].map(({ usage }) => usage);
  return {
    run: run.id,
    item: spec.id,
    index,
    state,
    after: spec.after ?? [],
    epoch,
    tries,
    restarts,
    ...(claim === undefined ? {} : { worker: claim.worker }),
    since,
    ...(until === undefined ? {} : { until }),
    ...(reason === undefined ? {} : { reason }),
    bytes,
    inputTokens: usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    cost: sumCost(usages),
    attempts: usages.length,
    ...(error === undefined ? {} : { error: copyOf(error) }),
    ...(end === undefined ? {} : copyOf(end)),
    ...(spec.data === undefined ? {} : { data: copyOf(spec.data) }),
    ...(item.digests === undefined || state === 'leased' ? {} : { digests: item.digests }),
  };
}

/** An item with everything that is kept of it. */
export function recordOf(run: StoredRun, item: StoredItem): ItemRecord {
  return {
    ...itemStatusOf(run, item),
    input: copyOf(item.spec.input),
    text: textOf(item),
    spans: spansOf(item),
    records: [...item.attempts.values()].map(copyOf),
  };
}
