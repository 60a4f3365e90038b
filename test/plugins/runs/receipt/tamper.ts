import type { ItemRecord, JournalAttempt } from 'scriptorium/plugins/runs';
import type { FrozenRun } from './frozen-journal.js';

/** Numbers from 0 to 1, exclusive, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A run that somebody has changed. */
export interface Tampered extends FrozenRun {
  /** The kind of the change. */
  readonly change: string;
  /** The item that was changed; left out if it was the run. */
  readonly item?: string;
}

type Change = (record: ItemRecord, random: () => number) => ItemRecord | undefined;

/** Changes one thing in a run. */
export function tamper({ run, records }: FrozenRun, random: () => number): Tampered {
  for (;;) {
    const [change, make] = pick(Object.entries(CHANGES), random);
    const index = Math.floor(random() * records.length);
    const record = records[index];
    if (change === 'the order of two items') return { run, change, records: inOtherOrder(records, random) };
    const changed = record === undefined ? undefined : make(record, random);
    if (changed === undefined || JSON.stringify(changed) === JSON.stringify(record)) continue;
    return { run, change, item: changed.item, records: records.map((each, at) => (at === index ? changed : each)) };
  }
}

const CHANGES: Readonly<Record<string, Change>> = {
  'a byte of a text': (record, random) => {
    const at = Math.floor(random() * record.text.length);
    const letter = String.fromCharCode(97 + Math.floor(random() * 26));
    return { ...record, text: `${record.text.slice(0, at)}${letter}${record.text.slice(at + 1)}` };
  },
  'a byte of a text, with its length': (record, random) => {
    const text = `${record.text}${random() < 0.5 ? '.' : ' '}`;
    return { ...record, text, bytes: Buffer.byteLength(text) };
  },
  'the model of an attempt': (record, random) =>
    oneAttempt(record, random, (each) => ({ ...each, model: `${each.model}x` })),
  'the model of an attempt and of its spans': (record) => ({
    ...record,
    records: record.records.map((each) => ({ ...each, model: 'dear/model' })),
    spans: record.spans.map((each) => ({ ...each, model: 'dear/model' })),
  }),
  'the outcome of an attempt': (record, random) =>
    oneAttempt(record, random, (each) => ({
      ...each,
      outcome: pick(['success', 'error', 'cancelled', 'lost'], random),
    })),
  'an attempt that is gone': (record, random) => {
    const gone = pick(record.records, random);
    return { ...record, records: record.records.filter((each) => each !== gone) };
  },
  'an attempt more': (record) => {
    const [first] = record.records;
    return first && { ...record, records: [...record.records, { ...first, attempt: 77 }] };
  },
  'the order of attempts': (record) => ({ ...record, records: record.records.toReversed() }),
  'the order of spans': (record) => ({ ...record, spans: record.spans.toReversed() }),
  'a price': (record, random) =>
    oneAttempt(record, random, ({ usage, ...each }) => ({ ...each, usage: { ...usage, costUsd: random() / 1e4 } })),
  'the smallest part of a price': (record, random) =>
    oneAttempt(record, random, ({ usage, ...each }) => ({
      ...each,
      usage: { ...usage, costUsd: (usage.costUsd ?? 0) + 1e-15 },
    })),
  'two prices whose sum is the same': (record) => {
    const [first, second, ...rest] = record.records;
    if (first === undefined || second === undefined) return undefined;
    return { ...record, records: [{ ...first, usage: second.usage }, { ...second, usage: first.usage }, ...rest] };
  },
  'tokens of an attempt': (record, random) =>
    oneAttempt(record, random, ({ usage, ...each }) => ({
      ...each,
      usage: { ...usage, cachedInputTokens: 1 + Math.floor(random() * 9) },
    })),
  'the cost of an item': (record, random) => ({
    ...record,
    cost: { ...record.cost, known: record.cost.known + random() / 1e4 },
  }),
  'a finish reason': (record) =>
    record.result && { ...record, result: { ...record.result, finishReason: { unified: 'length', raw: 'length' } } },
  'a number of words': (record) => (record.words === undefined ? undefined : { ...record, words: record.words + 1 }),
  'the border of two spans': (record) => {
    const [first, second, ...rest] = record.spans;
    if (first === undefined || second === undefined) return undefined;
    return { ...record, spans: [{ ...first, to: first.to + 1 }, { ...second, from: second.from + 1 }, ...rest] };
  },
  'the order of two items': () => undefined,
};

function oneAttempt(
  record: ItemRecord,
  random: () => number,
  change: (attempt: JournalAttempt) => JournalAttempt,
): ItemRecord {
  const chosen = pick(record.records, random);
  return { ...record, records: record.records.map((each) => (each === chosen ? change(each) : each)) };
}

/** Two items change places, and their indexes with them. */
function inOtherOrder(records: readonly ItemRecord[], random: () => number): readonly ItemRecord[] {
  const at = Math.floor(random() * (records.length - 1));
  const [first, second] = records.slice(at, at + 2);
  if (first === undefined || second === undefined) return records;
  const swapped = [
    { ...second, index: first.index },
    { ...first, index: second.index },
  ];
  return [...records.slice(0, at), ...swapped, ...records.slice(at + 2)];
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}
