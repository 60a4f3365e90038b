import type { RedisReply } from '../../../../../plugins/redis/connection.js';
import { HELD_MS } from '../../../../../plugins/redis/workers/times.js';
import { NOTHING, sumOf } from './key-state.js';
import type { KeyState, ShareOf } from './key-state.js';
import type { Call } from './limit-server.js';

/** The arguments of a key. */
const SIZE = 10;

/** A worker shows that it is there, and gets its share of each key. */
export function beat({ server, now, names, keys, args: [worker = '', seenAt, ...rest] }: Call): RedisReply {
  const since = server.since(names[0] ?? '', now);
  const figures = keys.flatMap((key, index) => {
    const [limits = '', ...numbers] = rest.slice(index * SIZE, (index + 1) * SIZE);
    const [requests = 0, tokens = 0, day = 0, known = 0, ofAll = 0, tokensOfAll = 0, ...counted] = numbers.map(Number);
    key.join(worker, limits, Number(seenAt));
    const [knownThen, dayThen, countThen = 0] = counted;
    if (since !== knownThen && key.day === dayThen) key.count = Math.max(key.count, countThen);
    key.seen.set(worker, Math.max(key.seen.get(worker) ?? 0, Number(seenAt)));
    sweep(key);
    if (known >= 0 && known !== since) remember(key, worker, { requests, tokens, ofAll, tokensOfAll });
    if (key.now >= since + HELD_MS + key.windowMs) {
      key.lost = { requests: 0, tokens: 0 };
      key.found = { requests: 0, tokens: 0 };
    }
    return [...shareOut(key, worker, { requests, tokens, day }), key.day, key.count];
  });
  return [now, since, ...figures];
}

/** The shares of workers that have gone are free again, a window after their end. */
function sweep(key: KeyState): void {
  const gone = [...key.seen].filter(([, at]) => at <= key.now - HELD_MS - key.windowMs);
  for (const [worker] of gone) {
    const { day } = key.shares.get(worker) ?? NOTHING;
    if (key.limits.day > 0 && key.limits.parts === 0) key.count += day;
    key.shares.delete(worker);
    key.workers.delete(worker);
    key.seen.delete(worker);
  }
  if (gone.length > 0) key.resize();
}

interface Remembered {
  readonly requests: number;
  readonly tokens: number;
  readonly ofAll: number;
  readonly tokensOfAll: number;
}

/** A server without memory learns from its workers which shares are out. */
function remember(key: KeyState, worker: string, { requests, tokens, ofAll, tokensOfAll }: Remembered): void {
  key.lost = { requests: Math.max(key.lost.requests, ofAll), tokens: Math.max(key.lost.tokens, tokensOfAll) };
  if (!key.shares.has(worker))
    key.found = { requests: key.found.requests + requests, tokens: key.found.tokens + tokens };
}

/** A worker goes by its old share until it knows the new one, so that the larger one is out. */
function shareOut(key: KeyState, worker: string, before: ShareOf): readonly number[] {
  const { limits, lost, found } = key;
  const others = [...key.shares].filter(([name]) => name !== worker).map(([, share]) => share);
  const outOf = (kind: 'requests' | 'tokens'): number => sumOf(others, kind) + Math.max(lost[kind] - found[kind], 0);
  const workers = key.seen.size;
  const fair = (limit: number, out: number): number => {
    const part = limits.parts > 0 ? Math.floor(limit / limits.parts) : Math.ceil(limit / workers);
    return limit === 0 ? 0 : Math.max(Math.min(part, limit - out), 0);
  };
  const requests = fair(limits.requests, outOf('requests'));
  const tokens = fair(limits.tokens, outOf('tokens'));
  const day = dayShare(key, requests, sumOf(others, 'day'));
  const out: ShareOf = {
    requests: Math.max(requests, before.requests),
    tokens: Math.max(tokens, before.tokens),
    day: Math.max(day, before.day),
  };
  key.shares.set(worker, out);
  const { intervalMs, skewMs } = limits;
  return [
    ...[intervalMs, limits.requests, limits.tokens, limits.day, skewMs, workers, requests, tokens, day],
    ...[outOf('requests') + out.requests, outOf('tokens') + out.tokens],
  ];
}

function dayShare({ limits, count, seen }: KeyState, requests: number, others: number): number {
  if (limits.day === 0) return 0;
  if (limits.parts > 0) return Math.floor(limits.day / limits.parts);
  const rest = Math.floor(Math.max(limits.day - count - others, 0) / (2 * seen.size));
  return limits.requests > 0 ? Math.min(rest, 3 * requests) : rest;
}
