import { createHash } from 'node:crypto';
import { countWords } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import type { ItemLease } from '../../../../plugins/runs/journal/item.js';
import type { ClaimedItem } from '../../../../plugins/runs/journal/item.js';
import type { Journal } from '../../../../plugins/runs/journal/journal.js';
import { memoryJournal } from '../../../../plugins/runs/memory/memory-journal.js';

const WORKER = { id: 'w', machine: 'm', pid: 1, startedAt: '1' };
const SOURCE = { generation: 'gen-1', attempt: 1, provider: 'openrouter', model: 'a/model' };
const USAGE = { inputTokens: 10, outputTokens: 20, costUsd: 0.01, source: 'reported' } as const;

/** A run in a journal in memory, whose items are ended by hand. */
export interface ARun {
  readonly journal: Journal;
  readonly clock: ManualClock;
  readonly id: string;
  /** Claims the next item. */
  claim(): Promise<ClaimedItem>;
  done(lease: ItemLease, text: string): Promise<void>;
  failed(lease: ItemLease, partial?: string): Promise<void>;
}

/** @param beside a run of the same journal */
export async function aRun(
  ids: readonly string[],
  name = 'ada',
  beside?: Pick<ARun, 'journal' | 'clock'>,
): Promise<ARun> {
  const clock = beside?.clock ?? new ManualClock();
  const journal = beside?.journal ?? memoryJournal({ clock });
  const limits = { concurrency: 100, budgetUsd: 0, tries: 5, restarts: 2 };
  const items = ids.map((id) => ({ id, input: { prompt: `Write ${id}.` }, isPriced: true }));
  const { run } = await journal.createRun({ name, items, hash: name, labels: {}, limits });
  const append = (text: string) => (text === '' ? {} : { append: [{ at: 0, text, source: SOURCE }] });
  const attempts = [{ ...SOURCE, outcome: 'success', usage: USAGE }] as const;
  return {
    ...{ journal, clock, id: run.id },
    claim: async () => {
      const claim = await journal.claim({ run: run.id, worker: WORKER, leaseMs: 60_000 });
      if (claim.type !== 'item') throw new Error('There is nothing to claim.');
      return claim.item;
    },
    done: (lease, text) =>
      journal.commit(lease, {
        ...append(text),
        attempts,
        result: {
          ...{ finishReason: { unified: 'stop', raw: 'stop' }, provider: 'openrouter', model: 'a/model' },
          ...{ responseId: `gen-${lease.item}`, servedFrom: 'provider' },
        },
        sha256: createHash('sha256').update(text).digest('hex'),
        words: countWords(text),
      }),
    failed: async (lease, partial = '') => {
      const error = { code: 'bad-request', message: 'The model is gone.' };
      await journal.fail(lease, { ...append(partial), attempts, error });
    },
  };
}
