import type { ItemRecord, Journal, JournalAttempt, RunStatus, Span } from 'scriptorium/plugins/runs';
import { itemDigests, specDigest } from 'scriptorium/plugins/runs';
import { countWords } from 'scriptorium';
import { sumCost } from 'scriptorium/plugin';
import { sha256Of } from '../../../../plugins/runs/receipt/digest.js';

/** A run and its items as a journal returned them. */
export interface FrozenRun {
  readonly run: RunStatus;
  readonly records: readonly ItemRecord[];
}

/** A journal that only returns what it was given. */
export function frozenJournal({ run, records }: FrozenRun): Journal {
  const journal: Pick<Journal, 'status' | 'records'> = {
    status: () => Promise.resolve(run),
    records: (_run, { after = -1, limit = 1_000 } = {}) =>
      Promise.resolve(records.filter((_record, index) => index > after).slice(0, limit)),
  };
  return journal as Journal;
}

/** A run as it should be: two finished chapters, one that failed half-way, and one that was cancelled with it. */
export function aRun(): FrozenRun {
  const records = [
    aDoneItem(0, ['Ada ', 'wrote the first ', 'programme — naïve, and right.']),
    aDoneItem(1, ['Charles built ', 'the engine.'], ['chapter-1']),
    anItem(2, { state: 'failed', error: { code: 'server-error', message: 'The server failed.' } }, ['Half a ']),
    { ...anItem(3, { state: 'cancelled', after: ['chapter-3'] }, []), epoch: 0, reason: 'item "chapter-3" has failed' },
  ];
  return { records, run: statusOf(records) };
}

/** The run whose items these are. */
export function statusOf(records: readonly ItemRecord[]): RunStatus {
  const items = { waiting: 0, ready: 0, leased: 0, parked: 0, done: 0, failed: 0, cancelled: 0 };
  for (const { state } of records) items[state] += 1;
  const usages = records.flatMap((record) => record.records.map(({ usage }) => usage));
  return {
    id: 'run-1',
    name: 'ada',
    hash: 'of-the-file',
    digest: specDigest(
      records.map(({ item, after, input, data }) => ({ id: item, after, input, data, isPriced: true })),
    ),
    state: items.failed > 0 ? 'failed' : 'done',
    createdAt: 1_000,
    endedAt: 9_000,
    labels: { book: 'ada' },
    limits: { concurrency: 4, budgetUsd: 1, tries: 5, restarts: 2 },
    items,
    words: records.reduce((sum, { words = 0 }) => sum + words, 0),
    inputTokens: usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    cost: sumCost(usages),
    heldUsd: 0,
  };
}

/** A done item whose pieces were written by one attempt each. */
export function aDoneItem(index: number, pieces: readonly string[], after: readonly string[] = []): ItemRecord {
  const result = {
    finishReason: { unified: 'stop', raw: 'stop' },
    provider: 'openrouter',
    model: 'a/model',
    servedFrom: 'provider',
  } as const;
  return anItem(index, { state: 'done', after, result }, pieces);
}

type ItemParts = Partial<Pick<ItemRecord, 'state' | 'after' | 'result' | 'error'>>;

function anItem(index: number, parts: ItemParts, pieces: readonly string[]): ItemRecord {
  const item = `chapter-${index + 1}`;
  const text = pieces.join('');
  const records = pieces.map((_, place) => anAttempt(`run-1/${item}/1`, place + 1, place + 1 === pieces.length));
  const usages = records.map(({ usage }) => usage);
  const spans = spansOf(pieces, records);
  const end = parts.state === 'done' ? { sha256: sha256Of(text), words: countWords(text) } : {};
  return {
    run: 'run-1',
    item,
    index,
    state: 'ready',
    after: [],
    epoch: 1,
    tries: 0,
    restarts: 0,
    since: 5_000,
    bytes: Buffer.byteLength(text),
    inputTokens: usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    cost: sumCost(usages),
    attempts: usages.length,
    ...parts,
    ...end,
    digests: itemDigests({ sha256: sha256Of(text), spans, records, result: parts.result, words: end.words }),
    input: { prompt: `Write ${item}.`, model: 'a/model', provider: 'openrouter', temperature: 0.5 + index / 10 },
    text,
    spans,
    records,
  };
}

function spansOf(pieces: readonly string[], records: readonly JournalAttempt[]): readonly Span[] {
  let from = 0;
  return pieces.map((piece, index) => {
    const { generation = '', attempt = 0, provider = '', model = '' } = records[index] ?? {};
    const span = { from, to: from + Buffer.byteLength(piece), generation, attempt, provider, model };
    from = span.to;
    return span;
  });
}

function anAttempt(generation: string, attempt: number, isLast: boolean): JournalAttempt {
  const tokens = { inputTokens: 100 + attempt, outputTokens: 10 * attempt };
  return {
    generation,
    attempt,
    provider: 'openrouter',
    model: 'a/model',
    outcome: isLast ? 'success' : 'lost',
    usage: isLast
      ? { ...tokens, costUsd: 0.00012 * attempt, source: 'reported' }
      : { ...tokens, estimatedCostUsd: 0.00034 * attempt, source: 'estimated' },
  };
}
