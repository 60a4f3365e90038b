import { sumCost } from 'scriptorium/plugin';
import type { ItemRecord, ItemState, JournalCost } from '../journal/item.js';
import type { RunState, RunStatus } from '../journal/run-status.js';
import { auditItem } from './audit-item.js';
import type { Auditor } from './auditor.js';
import { SpecDigest } from './digest.js';
import { Findings } from './finding.js';
import type { Finding } from './finding.js';
import { isSameSum, spentUsd } from './money.js';

/** An item as its dependants see it. */
interface Seen {
  readonly id: string;
  readonly state: ItemState;
  readonly after: readonly string[];
}

const BY_ITEMS = 'the sum over its items';
const FINAL: readonly ItemState[] = ['done', 'failed', 'cancelled'];

/** Checks a journal against itself: each item, their order and dependencies, and the run's sums, state and budget. */
export class RunAudit implements Auditor {
  private readonly found: Finding[] = [];
  private readonly seen: Seen[] = [];
  private readonly spec = new SpecDigest();
  private readonly sums = { words: 0, inputTokens: 0, outputTokens: 0 };
  private cost: JournalCost = sumCost([]);
  private amounts = 0;

  take(record: ItemRecord): void {
    const { run, item: id, state, after, input, data, index, cost } = record;
    const place = new Findings({ run, item: id });
    place.compare({ field: 'index', found: index, expected: this.seen.length, by: 'its place among the items' });
    this.found.push(...auditItem(record), ...place.all);
    this.seen.push({ id, state, after });
    this.spec.add({ id, after, input, data });
    if (state === 'done') this.sums.words += record.words ?? 0;
    this.sums.inputTokens += record.inputTokens;
    this.sums.outputTokens += record.outputTokens;
    this.cost = plus(this.cost, cost);
    this.amounts += record.records.length + 1;
  }

  end(run: RunStatus): readonly Finding[] {
    const findings = new Findings({ run: run.id });
    this.auditSums(run, findings);
    this.auditStates(run, findings);
    this.auditMoney(run, findings);
    findings.compare({
      field: 'digest',
      found: this.spec.end(),
      expected: run.digest,
      by: 'the digest of its items, their inputs and their order that was kept when it was created',
    });
    return [...this.found, ...this.dependants(run), ...findings.all];
  }

  private auditSums(run: RunStatus, findings: Findings): void {
    for (const field of ['words', 'inputTokens', 'outputTokens'] as const)
      findings.compare({ field, found: run[field], expected: this.sums[field], by: BY_ITEMS });
    findings.compareCost(run.cost, this.cost, { amounts: this.amounts, by: BY_ITEMS });
    for (const [state, found] of Object.entries(run.items) as [ItemState, number][])
      findings.compare({ field: `items.${state}`, found, expected: this.count(state), by: BY_ITEMS });
  }

  private auditStates({ state, endedAt }: RunStatus, findings: Findings): void {
    const expected = this.possibleStates();
    if (!expected.includes(state))
      findings.add({ field: 'state', found: state, expected: expected.join(' or '), by: 'the states of its items' });
    const hasEnded = state === 'done' || state === 'failed' || state === 'cancelled';
    if (hasEnded && endedAt === undefined)
      findings.add({ field: 'endedAt', expected: 'a time', by: `its state, "${state}"` });
    if (!hasEnded && endedAt !== undefined)
      findings.add({ field: 'endedAt', found: endedAt, by: `its state, "${state}"` });
  }

  private possibleStates(): readonly RunState[] {
    if (this.seen.some(({ state }) => !FINAL.includes(state))) return ['running', 'paused'];
    if (this.count('done') === this.seen.length) return ['done'];
    return this.count('failed') > 0 ? ['failed', 'cancelled'] : ['failed', 'cancelled', 'done'];
  }

  private auditMoney({ limits, heldUsd, cost }: RunStatus, findings: Findings): void {
    if (this.count('leased') === 0)
      findings.compare({ field: 'heldUsd', found: heldUsd, expected: 0, by: 'its items, of which none is leased' });
    const { budgetUsd } = limits;
    const spent = spentUsd(cost);
    if (budgetUsd === 0 || spent <= budgetUsd || isSameSum(spent, budgetUsd, this.amounts)) return;
    findings.add({ field: 'cost', found: spent, expected: budgetUsd, by: `its budget, at most; ${excessOf(cost)}` });
  }

  private dependants({ id: run }: RunStatus): readonly Finding[] {
    const states = new Map(this.seen.map(({ id, state }) => [id, state]));
    return this.seen.flatMap(({ id, state, after }) => {
      const findings = new Findings({ run, item: id });
      for (const other of after)
        if (!states.has(other)) findings.add({ field: 'after', found: other, by: 'the items of its run' });
      const before = after.map((other) => states.get(other));
      const expected = expectedOf(state, before);
      if (expected !== undefined)
        findings.add({ field: 'state', found: state, expected, by: 'the items that must be done before it' });
      return findings.all;
    });
  }

  private count(wanted: ItemState): number {
    return this.seen.filter(({ state }) => state === wanted).length;
  }
}

/** The state that an item should have after these; undefined if its own may be right. */
function expectedOf(state: ItemState, before: readonly (ItemState | undefined)[]): string | undefined {
  if (state === 'cancelled') return undefined;
  if (before.some((other) => other === 'failed' || other === 'cancelled')) return 'cancelled';
  const isFree = before.every((other) => other === 'done');
  if (state === 'waiting') return isFree ? 'ready' : undefined;
  return isFree ? undefined : 'waiting';
}

function excessOf({ estimated, unmeasuredAttempts }: JournalCost): string {
  const parts = [
    ...(estimated > 0 ? [`$${estimated} of it is estimated`] : []),
    ...(unmeasuredAttempts > 0 ? [`${unmeasuredAttempts} attempts are of unknown cost`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'all of it was named by the vendor';
}

function plus(a: JournalCost, b: JournalCost): JournalCost {
  return {
    known: a.known + b.known,
    estimated: a.estimated + b.estimated,
    unmeasuredAttempts: a.unmeasuredAttempts + b.unmeasuredAttempts,
  };
}
