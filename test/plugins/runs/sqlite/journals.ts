import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../../../src/testing.js';
import type { ClaimedItem, Worker } from '../../../../plugins/runs/journal/item.js';
import type { Journal } from '../../../../plugins/runs/journal/journal.js';
import type { ItemSpec, RunLimits, RunSpec } from '../../../../plugins/runs/journal/run-spec.js';
import { sqliteJournal } from '../../../../plugins/runs/sqlite/sqlite-journal.js';

/** A folder of its own for one test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-journal-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a journal that is closed after the test. */
export async function aJournal(
  file: string,
  clock = new ManualClock(),
  isAlive = (): boolean => true,
): Promise<Journal> {
  const journal = await sqliteJournal(file, { clock, isAlive });
  open.push(journal);
  return journal;
}

const open: Journal[] = [];
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
});

export const aWorker = (id = 'w1', machine = 'here'): Worker => ({ id, machine, pid: 1, startedAt: '1' });

export const anItem = (id: string, more: Partial<ItemSpec> = {}): ItemSpec => ({
  id,
  input: { prompt: `Write ${id}` },
  isPriced: true,
  ...more,
});

export const LIMITS: RunLimits = { concurrency: 2, budgetUsd: 0, tries: 3, restarts: 1 };

export const aSpec = (items: readonly ItemSpec[], more: Partial<RunSpec> = {}): RunSpec => ({
  name: 'book',
  items,
  hash: 'h1',
  labels: { book: 'ada' },
  limits: LIMITS,
  ...more,
});

/** Claims an item. @throws if there is none */
export async function claimed(journal: Journal, worker = aWorker()): Promise<ClaimedItem> {
  const claim = await journal.claim({ worker, leaseMs: 30_000 });
  if (claim.type === 'nothing') throw new Error(`nothing to claim: ${JSON.stringify(claim)}`);
  return claim.item;
}

export const SOURCE = { generation: 'g1', attempt: 1, provider: 'p', model: 'm' } as const;

export const RESULT = {
  finishReason: { unified: 'stop', raw: 'stop' },
  provider: 'p',
  model: 'm',
  servedFrom: 'provider',
} as const;
