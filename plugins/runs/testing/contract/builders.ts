import { createHash } from 'node:crypto';
import { countWords } from 'scriptorium';
import type {
  Append,
  ClaimedItem,
  ItemCommit,
  ItemResult,
  ItemStatus,
  JournalAttempt,
  TextSource,
  Worker,
} from '../../journal/item.js';
import type { ClaimQuery, Journal, NothingToClaim } from '../../journal/journal.js';
import type { ItemSpec, RunLimits, RunSpec } from '../../journal/run-spec.js';
import { must } from './must.js';

/** The length of leases in the contract, in milliseconds. */
export const LEASE_MS = 30_000;

/** The error of a try that has failed. */
export const ERROR = { name: 'ApiError', code: 'server', message: 'The server is down.' };

/** A failure that is worth another try at once. */
export const AGAIN = { error: ERROR, retryInMs: 0 };

/** The items of a run: ids, or ids with what they differ in. */
export type Items = readonly (string | (Partial<ItemSpec> & { readonly id: string }))[];

/** A run of these items, each with a prompt of its own. */
export function specOf(items: Items, spec: Partial<Omit<RunSpec, 'items'>> & Partial<RunLimits> = {}): RunSpec {
  const { concurrency = 4, budgetUsd = 0, tries = 3, restarts = 2, ...rest } = spec;
  return {
    name: 'book',
    hash: 'hash-1',
    labels: {},
    limits: { concurrency, budgetUsd, tries, restarts },
    ...rest,
    items: items.map(itemSpecOf),
  };
}

function itemSpecOf(item: Items[number]): ItemSpec {
  const { id, ...rest } = typeof item === 'string' ? { id: item } : item;
  return { id, input: { model: 'm', prompt: `Write ${id}.` }, isPriced: true, ...rest };
}

/** A worker of the machine `here`, unless another one is named. */
export const workerOf = (id: string, machine = 'here'): Worker => ({
  id,
  machine,
  pid: 1,
  startedAt: `start of ${id}`,
});

/** The attempt of a generation that has written a text. */
export const sourceOf = (generation = 'g1', attempt = 1): TextSource => ({
  generation,
  attempt,
  provider: 'vendor',
  model: 'm',
});

export const appendOf = (at: number, text: string, source = sourceOf()): Append => ({ at, text, source });

/** An attempt of 10 tokens in and 20 out. Without `usd` its cost is not known. */
export function attemptOf(
  attempt: Partial<JournalAttempt> & { readonly usd?: number; readonly estimatedUsd?: number } = {},
): JournalAttempt {
  const { usd, estimatedUsd, ...rest } = attempt;
  return {
    ...sourceOf(),
    outcome: 'success',
    usage: {
      inputTokens: 10,
      outputTokens: 20,
      ...(usd === undefined ? {} : { costUsd: usd }),
      ...(estimatedUsd === undefined ? {} : { estimatedCostUsd: estimatedUsd }),
      source: 'reported',
    },
    ...rest,
  };
}

export const RESULT: ItemResult = {
  finishReason: { unified: 'stop', raw: 'stop' },
  provider: 'vendor',
  model: 'm',
  servedFrom: 'provider',
};

/** The commit of an item whose text so far is known. */
export function commitOf(before: string, rest = '', commit: Partial<ItemCommit> = {}): ItemCommit {
  return {
    ...(rest === '' ? {} : { append: [appendOf(Buffer.byteLength(before), rest)] }),
    result: RESULT,
    sha256: sha256Of(before + rest),
    words: countWords(before + rest),
    ...commit,
  };
}

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A claim by a worker, `w1` by default. */
export const queryOf = (worker: Worker = workerOf('w1'), query: Partial<ClaimQuery> = {}): ClaimQuery => ({
  worker,
  leaseMs: LEASE_MS,
  ...query,
});

/** Claims an item. @throws Error if there is nothing to claim, or another item than expected */
export async function claim(journal: Journal, item?: string, query = queryOf()): Promise<ClaimedItem> {
  const answer = await journal.claim(query);
  must(answer.type === 'item', `Nothing could be claimed, although ${item ?? 'an item'} is ready.`);
  const { item: claimed } = answer.item.lease;
  must(item === undefined || claimed === item, `"${claimed}" was claimed in place of "${item}".`);
  return answer.item;
}

/** Claims nothing. @throws Error if an item was claimed */
export async function claimNothing(journal: Journal, query = queryOf()): Promise<NothingToClaim> {
  const answer = await journal.claim(query);
  must(answer.type === 'nothing', `An item was claimed, although nothing may be: ${JSON.stringify(answer)}.`);
  return answer;
}

/** The status of an item. @throws Error if it is missing */
export async function itemIn(journal: Journal, run: string, id: string): Promise<ItemStatus> {
  const found = (await journal.items(run)).find(({ item }) => item === id);
  must(found !== undefined, `items() does not return "${id}" of the run "${run}".`);
  return found;
}

/** The states of a run's items, by id. */
export async function statesIn(journal: Journal, run: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await journal.items(run)).map(({ item, state }) => [item, state]));
}

/** Claims and commits the next item with a text. */
export async function write(journal: Journal, item: string, text = 'Text.'): Promise<ClaimedItem> {
  const claimed = await claim(journal, item);
  await journal.commit(claimed.lease, commitOf(claimed.text, text));
  return claimed;
}
