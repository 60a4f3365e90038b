import { createHash } from 'node:crypto';
import { countWords } from 'scriptorium';
import type { ItemCommit, ItemLease, ItemProgress, ItemRecord } from '../journal/item.js';
import type { Claim } from '../journal/journal.js';
import type { RunLimits } from '../journal/run-spec.js';
import type { RunStatus } from '../journal/run-status.js';
import type { History, HistoryCall, WriteMethod } from './history.js';
import { mostAtOnce } from './ownership.js';

/** A run at the end of a history, as its journal shows it. */
export interface FinalRun {
  readonly run: RunStatus;
  readonly records: readonly ItemRecord[];
}

/** A call under a lease. */
interface LeasedCall extends HistoryCall {
  readonly lease: ItemLease;
}

/** The calls for one item. */
interface ItemHistory {
  readonly record: ItemRecord;
  readonly calls: readonly LeasedCall[];
  /** Accepted claims of the item. */
  readonly claims: readonly LeasedCall[];
}

const UNDER_LEASE: ReadonlySet<WriteMethod> = new Set([
  'renew',
  'checkpoint',
  'commit',
  'fail',
  'reset',
  'park',
  'release',
]);
const ENDS: ReadonlySet<WriteMethod> = new Set(['commit', 'fail', 'reset', 'park', 'release']);

/** A cent less or more is a rounding error of binary fractions, not money. */
const ROUNDING_USD = 1e-6;

/**
 * Proves from the calls of all processes, and from what the journal shows in the end, that a run was exactly what it promises:
 * every item committed once, no acknowledged text lost, replaced or doubled, every accepted write by the owner of its epoch,
 * never more owners than the concurrency, never more money than the budget. Returns a sentence for each violation.
 * @example
 * ```ts
 * const history = new History();
 * // … processes work on history.record(journal, 'process 1')
 * assert.deepEqual(checkHistory(history, { run: await journal.status(id), records: await journal.records(id) }), []);
 * ```
 */
export function checkHistory({ calls }: Pick<History, 'calls'>, { run, records }: FinalRun): readonly string[] {
  const leased = calls.flatMap(leasedCall).filter(({ lease }) => lease.run === run.id);
  const items = records.map((record): ItemHistory => {
    const own = leased.filter(({ lease }) => lease.item === record.item);
    return { record, calls: own, claims: own.filter(({ method }) => method === 'claim') };
  });
  return [
    ...items.flatMap((item) => [...commitsOnce(item), ...keepsTexts(item), ...hasOneOwner(item)].map(naming(item))),
    ...keepsLimits(calls, items, run),
  ];
}

const naming =
  ({ record }: ItemHistory) =>
  (violation: string): string =>
    `item "${record.item}": ${violation}`;

function leasedCall(call: HistoryCall): readonly LeasedCall[] {
  if (UNDER_LEASE.has(call.method)) return [{ ...call, lease: call.args[0] as ItemLease }];
  const claim = call.method === 'claim' && call.outcome === 'ok' ? (call.value as Claim) : undefined;
  return claim?.type === 'item' ? [{ ...call, lease: claim.item.lease }] : [];
}

/** Promise 1. */
function commitsOnce({ record, calls, claims }: ItemHistory): readonly string[] {
  const commits = calls.filter(({ method, outcome }) => method === 'commit' && outcome !== 'refused');
  const [accepted, second] = commits.filter(({ outcome }) => outcome === 'ok');
  const found: string[] = [];
  if (second !== undefined) found.push('it was committed twice.');
  if (record.state !== 'done')
    return accepted === undefined ? found : [...found, `its commit is lost: ${record.state}.`];
  const { args, lease } = accepted ?? commits.find((each) => each.lease.epoch === record.epoch) ?? {};
  if (args === undefined) return [...found, 'it is done, but was never committed.'];
  const commit = args[1] as ItemCommit;
  if (commit.sha256 !== sha256Of(record.text)) found.push('its text is not the committed one.');
  if (record.sha256 !== commit.sha256) found.push('its hash is not the committed one.');
  if (record.words !== countWords(record.text)) found.push('its words are counted wrongly.');
  if (claims.some((claim) => claim.lease.epoch > (lease?.epoch ?? 0))) found.push('it was claimed after its commit.');
  return found;
}

/** Promise 2. */
function keepsTexts({ record, calls }: ItemHistory): readonly string[] {
  const text = Buffer.from(record.text);
  const voided = Math.max(
    0,
    ...calls
      .filter(({ method, outcome, value }) => method === 'reset' && outcome !== 'refused' && value !== 'failed')
      .map(({ lease }) => lease.epoch),
  );
  const kept = calls
    .filter(({ outcome, lease }) => outcome === 'ok' && lease.epoch > voided)
    .flatMap(({ method, args }) => (method === 'claim' ? [] : ((args[1] as ItemProgress | undefined)?.append ?? [])));
  const found: string[] = [];
  let end = 0;
  for (const { at, text: piece, source } of [...kept].sort((a, b) => a.at - b.at)) {
    const to = at + Buffer.byteLength(piece);
    if (at < end) found.push(`two acknowledged texts lie at byte ${at}.`);
    if (text.toString('utf8', at, to) !== piece) found.push(`the acknowledged text at byte ${at} is lost or replaced.`);
    const span = record.spans.find(({ from, to: last }) => from <= at && to <= last);
    if (span?.generation !== source.generation || span.attempt !== source.attempt)
      found.push(`the text at byte ${at} has lost its source.`);
    end = Math.max(end, to);
  }
  return [...found, ...spansTile(record)];
}

function spansTile({ spans, bytes, text }: ItemRecord): readonly string[] {
  const found: string[] = [];
  let end = 0;
  for (const { from, to } of spans) {
    if (from !== end || to <= from) found.push(`its stretches have a gap at byte ${end}.`);
    end = to;
  }
  if (end !== bytes || bytes !== Buffer.byteLength(text)) found.push(`its stretches end at ${end} of ${bytes} bytes.`);
  return found;
}

/** Promise 3. */
function hasOneOwner({ calls, claims }: ItemHistory): readonly string[] {
  const found: string[] = [];
  const epochs = claims.map(({ lease }) => lease.epoch);
  for (const epoch of new Set(epochs))
    if (epochs.filter((each) => each === epoch).length > 1) found.push(`epoch ${epoch} was given twice.`);
  for (const call of calls) {
    if (call.method === 'claim' || call.outcome !== 'ok') continue;
    const { method, lease, client, startedAt } = call;
    const claim = claims.find((each) => each.lease.epoch === lease.epoch);
    if (claim?.client !== client) found.push(`${method} with epoch ${lease.epoch} was accepted from another process.`);
    const isOver = calls.some(
      (other) =>
        other.outcome === 'ok' &&
        (other.endedAt ?? Infinity) < startedAt &&
        (other.method === 'claim'
          ? other.lease.epoch > lease.epoch
          : ENDS.has(other.method) && other.lease.epoch >= lease.epoch),
    );
    if (isOver) found.push(`${method} with epoch ${lease.epoch} was accepted after its lease had ended.`);
  }
  return found;
}

/** Promise 4. */
function keepsLimits(
  calls: readonly HistoryCall[],
  items: readonly ItemHistory[],
  { id, name, limits, cost }: RunStatus,
): readonly string[] {
  const changed = calls
    .filter(
      ({ method, args, outcome }) =>
        method === 'resume' && outcome !== 'refused' && (args[0] === id || args[0] === name),
    )
    .map(({ args }) => (args[1] ?? {}) as Partial<RunLimits>);
  const concurrency = Math.max(limits.concurrency, ...changed.map((change) => change.concurrency ?? 0));
  const budgets = [limits.budgetUsd, ...changed.map((change) => change.budgetUsd ?? limits.budgetUsd)];
  const budgetUsd = budgets.includes(0) ? Infinity : Math.max(...budgets);
  const most = mostAtOnce(
    calls,
    items.flatMap((item) => item.claims.map((claim) => ({ claim, calls: item.calls }))),
  );
  const spent = cost.known + cost.estimated;
  const found: string[] = [];
  if (most.owners > concurrency) found.push(`${most.owners} items were in flight at once, of ${concurrency}.`);
  if (most.heldUsd > budgetUsd + ROUNDING_USD) found.push(`${most.heldUsd} US dollars were held, of ${budgetUsd}.`);
  if (spent > budgetUsd + ROUNDING_USD) found.push(`${spent} US dollars were spent, of ${budgetUsd}.`);
  return found;
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
