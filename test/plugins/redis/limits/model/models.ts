import type { RedisReply } from '../../../../../plugins/redis/connection.js';
import { SILENT_MS } from '../../../../../plugins/redis/workers/times.js';
import { beat } from './beat.js';

import type { KeyState, Refused } from './key-state.js';
import type { Call } from './limit-server.js';

/** What each script does, by its name. */
export const MODELS: Readonly<Record<string, (call: Call) => RedisReply>> = {
  take,
  sent,
  release,
  settle,
  pause,
  'seed-day': seedDay,
  leave,
  hello: ({ now }) => now,
  mark,
  bury,
  bring,
  abandon,
  beat,
};

function take({ server, now, names, keys, args }: Call): RedisReply {
  const [worker = '', id = '', lease, prompt, cap, shownAt] = args;
  const since = server.since(names[0] ?? '', now);
  for (const [index, key] of keys.entries()) {
    const [limits = '', known, day, count] = args.slice(6 + index * 4);
    key.join(worker, limits, Number(shownAt));
    if (since !== Number(known) && key.day === Number(day)) key.count = Math.max(key.count, Number(count));
  }
  if (Number(prompt) < 0 && keys.some(({ limits }) => limits.tokens > 0)) return ['measure'];
  const costs = keys.map((key) => costIn(key, Number(prompt), Number(cap)));
  const worst = keys.reduce<Refused | undefined>(
    (found, key, index) => worse(found, key.refusal(costs[index] ?? 0, since)),
    undefined,
  );
  for (const [index, key] of keys.entries()) {
    if (worst !== undefined) key.isAwaited = true;
    else {
      if (key.isLimited) key.pending.set(`${id}|${costs[index]}`, key.now + Number(lease));
      if (key.limits.day > 0) key.count += 1;
    }
  }
  const figures = keys.flatMap((key, index) => [costs[index] ?? 0, key.day, key.count, key.limits.day]);
  return worst === undefined ? ['ok', '', since, ...figures] : [worst.reason, worst.ms, since, ...figures];
}

function costIn(key: KeyState, prompt: number, cap: number): number {
  const { tokens } = key.limits;
  return tokens === 0 ? 0 : Math.min(prompt + (cap < 0 ? key.usualOutput() : cap), tokens);
}

/** Of two refusals, that which says most: a quota, then an unknown time, then the longer one. */
function worse(a: Refused | undefined, b: Refused | undefined): Refused | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.reason !== b.reason) return b.reason === 'quota' ? b : a;
  return a.ms >= 0 && (b.ms < 0 || b.ms > a.ms) ? b : a;
}

function sent({ server, names, keys, args: [ago, ...rest] }: Call): RedisReply {
  for (const [index, key] of keys.entries()) {
    const [member = '', day] = rest.slice(index * 2);
    const at = key.now - Number(ago);
    key.lastSentAt = Math.max(key.lastSentAt, at);
    if (key.pending.delete(member) || key.isLimited) key.sent.set(member, at);
    key.passTime();
    if (Number(day) >= 0 && key.day !== Number(day) && key.limits.day > 0) key.count += 1;
    notify({ server, names }, key);
  }
  return null;
}

function release({ server, names, keys, args }: Call): RedisReply {
  for (const [index, key] of keys.entries()) {
    const [member = '', day] = args.slice(index * 2);
    const [wasPending, wasSent] = [key.pending.delete(member), key.sent.delete(member)];
    const isFirst = wasPending || wasSent || !key.isLimited;
    if (isFirst && key.day === Number(day) && key.limits.day > 0) key.count = Math.max(key.count - 1, 0);
    notify({ server, names }, key);
  }
  return null;
}

function settle({ server, names, keys, args: [output, ...rest] }: Call): RedisReply {
  for (const [index, key] of keys.entries()) {
    const [before = '', after = ''] = rest.slice(index * 2);
    if (key.limits.tokens > 0) {
      if (Number(output) > 0) key.answered(Number(output));
      const at = key.sent.get(before);
      if (at !== undefined && before !== after) {
        key.sent.delete(before);
        key.sent.set(after, at);
      }
    }
    notify({ server, names }, key);
  }
  return null;
}

function pause({ server, names, keys, args: [worker = '', ms, ...rest] }: Call): RedisReply {
  for (const [index, key] of keys.entries()) {
    const [limits = '', message] = rest.slice(index * 2);
    key.join(worker, limits);
    key.pausedUntil = Math.max(key.pausedUntil, Math.floor(key.now + Number(ms) + 0.5));
    notify({ server, names }, key, message);
  }
  return null;
}

function seedDay({ server, names, keys, args: [worker = '', used, ...limits] }: Call): RedisReply {
  for (const [index, key] of keys.entries()) {
    key.join(worker, limits[index] ?? '');
    if (key.limits.day > 0) key.count = Math.max(key.count, Number(used));
    notify({ server, names }, key, '');
  }
  return null;
}

function leave({ server, names, keys, args: [worker = ''] }: Call): RedisReply {
  for (const key of keys) {
    key.part(worker);
    notify({ server, names }, key, '');
  }
  return null;
}

function mark({ server, args: [worker = '', text = '', ...gone] }: Call): RedisReply {
  for (const each of gone) server.marks.delete(each);
  if (text === '') return server.marks.delete(worker) ? 1 : 0;
  server.marks.set(worker, text);
  return [...server.marks].flat();
}

function bury({ server, names, keys, args: gone }: Call): RedisReply {
  for (const key of keys) {
    for (const worker of gone) {
      const seenAt = key.seen.get(worker);
      if (seenAt !== undefined && seenAt > key.now - SILENT_MS) key.part(worker);
    }
    notify({ server, names }, key, '');
  }
  return null;
}

function bring({ keys, args: [lease, ...args] }: Call): RedisReply {
  let rest = args;
  for (const key of keys) {
    const [worker = '', limits = '', day, count, length, ...entries] = rest;
    key.join(worker, limits);
    if (key.day === Number(day)) key.count += Number(count);
    rest = entries.slice(2 * Number(length));
    for (let at = 0; at < 2 * Number(length); at += 2)
      addBrought(key, entries[at] ?? '', { ago: Number(entries[at + 1]), leaseMs: Number(lease) });
    key.passTime();
  }
  return null;
}

function addBrought(key: KeyState, member: string, how: { readonly ago: number; readonly leaseMs: number }): void {
  if (key.sent.has(member) || key.pending.has(member)) return;
  if (how.ago < 0) {
    key.pending.set(member, key.now + how.leaseMs);
    return;
  }
  key.sent.set(member, key.now - how.ago);
  key.lastSentAt = Math.max(key.lastSentAt, key.now - how.ago);
}

function abandon({ server, names, keys, args: [id] }: Call): RedisReply {
  for (const key of keys)
    for (const member of [...key.pending.keys()]) {
      if (!member.startsWith(`${id}|`)) continue;
      key.pending.delete(member);
      if (key.limits.day > 0) key.count = Math.max(key.count - 1, 0);
      notify({ server, names }, key);
    }
  return null;
}

/** Wakes those who wait. */
function notify({ server, names }: Pick<Call, 'server' | 'names'>, key: KeyState, message?: string): void {
  if (!key.isAwaited && message === undefined) return;
  key.isAwaited = false;
  server.messages.next({ channel: names[0] ?? '', message: message ?? '' });
}
