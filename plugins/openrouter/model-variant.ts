import type { ModelInfo } from 'scriptorium/provider';

/** Suffixes that choose the cheapest host of a model, or add a search, which is billed apart. */
const CHEAPEST: ReadonlySet<string> = new Set(['floor', 'online']);
/** Suffixes that choose the fastest or the best host, which may be dearer than the listed one. */
const OTHERS: ReadonlySet<string> = new Set(['nitro', 'exacto']);
const FREE = { prompt: '0', completion: '0' } as const;

/**
 * Returns what is known of a model whose name has a suffix (`:nitro`, `:floor`, `:free` …) and no entry of its own: the facts
 * of the model without the suffix. Free ones cost nothing. The price of the fastest host is not in the catalogue, so it is
 * not known.
 */
export function variantOf(id: string, find: (id: string) => ModelInfo | undefined): ModelInfo | undefined {
  const [, name = '', suffix = ''] = /^(.+):(\w+)$/.exec(id) ?? [];
  const base = find(name);
  if (suffix === 'free') return { ...base, id, price: FREE, isFree: true };
  if (base === undefined) return undefined;
  if (base.isFree === true || CHEAPEST.has(suffix)) return { ...base, id };
  const { price: _price, isFree: _isFree, ...facts } = base;
  return OTHERS.has(suffix) ? { ...facts, id } : undefined;
}
