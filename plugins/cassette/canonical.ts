import type { RecordedRequest } from './exchange.js';

/** The same JSON with the keys of every object in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}

/** Equal for requests that count as the same. */
export function keyOf({ method, path, json, text }: RecordedRequest): string {
  return JSON.stringify([method, path, sorted(json), text]);
}
