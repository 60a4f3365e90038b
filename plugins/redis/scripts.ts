import { createHash } from 'node:crypto';

/** A Lua script, and the digest by which the server knows it. */
export interface RedisScript {
  /** For messages. */
  readonly name: string;
  readonly lua: string;
  readonly sha1: string;
}

/** Makes a script. It runs as a whole, or not at all, and nothing runs meanwhile. */
export function redisScript(name: string, ...parts: readonly string[]): RedisScript {
  const lua = parts.join('\n');
  return { name, lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/**
 * Lua: `now_ms(given)`, the server's time in whole epoch milliseconds; or `given`, if that is not empty, for tests that move
 * time by hand.
 */
export const NOW_MS = `
local function now_ms(given)
  if given and given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end`;

/**
 * Lua: `memory_since(key, now)`, the moment (epoch milliseconds) since which the server remembers. The key is the epoch key of
 * a tag: \`connection.key(tag, 'epoch')\`. If it is gone, the server has lost its memory, or had none: it begins with \`now\`.
 */
export const MEMORY_SINCE = `
local function memory_since(key, now)
  local since = tonumber(redis.call('GET', key) or '')
  if since then return since end
  redis.call('SET', key, string.format('%.0f', now))
  return now
end`;
