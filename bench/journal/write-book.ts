import type { ClaimedItem, Journal } from '../../plugins/runs/index.js';
import { cpuOf } from '../kit/cpu.js';
import { median } from '../kit/quantile.js';

export interface Book {
  readonly items: number;
  /** Of 1 KB each, for every item. */
  readonly checkpoints: number;
}

/** Microseconds of CPU, as the median of batches of 50 items, and the heap after each batch. */
export interface WrittenBook {
  /** For an item, without its checkpoints. */
  readonly itemUs: number;
  readonly checkpointUs: number;
  readonly heaps: readonly number[];
}

const IN_FLIGHT = 50;
const WORKER = { id: 'bench', machine: 'bench', pid: process.pid, startedAt: '' };
const KILOBYTE = 'The engine weaves patterns, said Ada. '.repeat(27).slice(0, 1024);
const RESULT = {
  finishReason: { unified: 'stop', raw: 'stop' },
  provider: 'vendor',
  model: 'm',
  servedFrom: 'provider',
} as const;

/** Writes all items of a run through a journal. */
export async function writeBook(journal: Journal, { items, checkpoints }: Book): Promise<WrittenBook> {
  const heaps: number[] = [];
  const itemsUs: number[] = [];
  const checkpointsUs: number[] = [];
  const createUs = await cpuOf(() => journal.createRun(specOf(items)));
  for (let done = 0; done < items; done += IN_FLIGHT) {
    const claimed: ClaimedItem[] = [];
    const claimUs = await cpuOf(async () => {
      for (let place = 0; place < Math.min(IN_FLIGHT, items - done); place += 1) claimed.push(await claim(journal));
    });
    const batchUs = await cpuOf(async () => {
      for (let at = 0; at < checkpoints; at += 1) await Promise.all(claimed.map((item) => append(journal, item, at)));
    });
    const commitUs = await cpuOf(() => Promise.all(claimed.map((item) => commit(journal, item))));
    itemsUs.push((claimUs + commitUs) / claimed.length);
    checkpointsUs.push(batchUs / (claimed.length * checkpoints));
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  }
  return { itemUs: createUs / items + median(itemsUs), checkpointUs: median(checkpointsUs), heaps };
}

function specOf(items: number) {
  return {
    name: 'book',
    hash: 'h',
    labels: { book: 'ada' },
    limits: { concurrency: IN_FLIGHT, budgetUsd: 1_000, tries: 5, restarts: 2 },
    items: Array.from({ length: items }, (_, place) => ({
      id: `chapter-${place + 1}`,
      input: { model: 'm', prompt: `Write chapter ${place + 1} of a book about Ada.` },
      isPriced: true,
    })),
  };
}

async function claim(journal: Journal): Promise<ClaimedItem> {
  const answer = await journal.claim({ worker: WORKER, leaseMs: 600_000 });
  if (answer.type === 'nothing') throw new Error('There is nothing to claim, although items are left');
  return answer.item;
}

/** As an engine does: a piece of text, and what its attempt has used so far. */
function append(journal: Journal, { lease }: ClaimedItem, at: number): Promise<void> {
  const source = { generation: generationOf(lease), attempt: 1, provider: 'vendor', model: 'm' };
  const usage = { inputTokens: 100, outputTokens: 200 * (at + 1), estimatedCostUsd: 0.001 * (at + 1) };
  return journal.checkpoint(lease, {
    append: [{ at: at * KILOBYTE.length, text: KILOBYTE, source }],
    attempts: [{ ...source, outcome: 'running', usage: { ...usage, source: 'estimated' } }],
  });
}

function commit(journal: Journal, { lease }: ClaimedItem): Promise<void> {
  const usage = { inputTokens: 100, outputTokens: 2_000, costUsd: 0.01, source: 'reported' } as const;
  const source = { generation: generationOf(lease), attempt: 1, provider: 'vendor', model: 'm' };
  return journal.commit(lease, {
    attempts: [{ ...source, outcome: 'success', usage }],
    result: RESULT,
    sha256: '0'.repeat(64),
    words: 1_800,
  });
}

const generationOf = ({ run, item, epoch }: ClaimedItem['lease']): string => `${run}/${item}/${epoch}`;
