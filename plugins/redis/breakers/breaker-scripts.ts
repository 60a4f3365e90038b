import { NOW_MS, redisScript } from '../scripts.js';

/**
 * Lua: the state of one breaker, as of the program's own. `gen` counts its openings: a pass is valid while it has the last
 * number. What processes remember of it counts if the server has lost its memory.
 */
const BREAKER = `
local DAY = 86400000
local function open_breaker(known)
  local values = redis.call('HMGET', KEYS[1], 'gen', 'until', 'times', 'probe', 'name', 'row')
  local b = { gen = tonumber(values[1] or '') or 0, till = tonumber(values[2] or ''), times = tonumber(values[3] or '') or 0,
    probe = tonumber(values[4] or '') or 0, name = values[5] or '', row = tonumber(values[6] or '') or 0 }
  b.gen = math.max(b.gen, known)
  return b
end

local function save_breaker(b)
  redis.call('HSET', KEYS[1], 'gen', b.gen, 'times', b.times, 'probe', string.format('%.0f', b.probe), 'name', b.name, 'row', b.row)
  if b.till then redis.call('HSET', KEYS[1], 'until', string.format('%.0f', b.till)) else redis.call('HDEL', KEYS[1], 'until') end
  redis.call('PEXPIRE', KEYS[1], DAY)
end

local function publish(b, channel, key, state, ms)
  redis.call('PUBLISH', channel, b.gen .. ' ' .. state .. ' ' .. string.format('%.0f', ms) .. ' ' .. key)
end`;

/**
 * Asks for passes. Keys: the breaker. Arguments: the time, the number of openings that the process knows, the milliseconds of a
 * probe's lease, how many passes are asked for, and the name of a probe. Returns how many were admitted, the number of
 * openings, the state, and the milliseconds until the next call.
 */
export const ENTER = redisScript(
  'enter',
  NOW_MS,
  BREAKER,
  `
local now, count = now_ms(ARGV[1]), tonumber(ARGV[4])
local b = open_breaker(tonumber(ARGV[2]))
if not b.till then
  if tonumber(ARGV[2]) > 0 then save_breaker(b) end
  return { count, b.gen, 'closed', 0 }
end
local at = math.max(b.till, b.probe)
if at > now then return { 0, b.gen, b.probe > now and 'probing' or 'open', at - now } end
b.probe, b.name = now + tonumber(ARGV[3]), ARGV[5]
save_breaker(b)
return { 1, b.gen, 'probing', b.probe - now }`,
);

/**
 * Records the result of a call. Keys: the breaker, its good calls and its failed ones (sorted sets by time). Arguments: the time,
 * the number of openings of the pass, the verdict, the name of the call, whether it is a probe (1), the channel, the key, a
 * number of chance, then the settings.
 */
export const RECORD = redisScript(
  'record',
  NOW_MS,
  BREAKER,
  `
local now, gen, verdict, name, is_probe = now_ms(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5] == '1'
local channel, key, chance = ARGV[6], ARGV[7], tonumber(ARGV[8])
local rate, least, window, row = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local open_ms, longest = tonumber(ARGV[13]), tonumber(ARGV[14])
local b = open_breaker(gen)
if gen < b.gen then return end

local function forget() redis.call('DEL', KEYS[2], KEYS[3]) end
local function open()
  local ms = math.floor(math.min(open_ms * 2 ^ b.times, longest) * (1 + chance * 0.1))
  b.till, b.times, b.gen, b.probe, b.name, b.row = now + ms, b.times + 1, b.gen + 1, 0, '', 0
  forget()
  save_breaker(b)
  publish(b, channel, key, 'open', ms)
end

if b.till then
  if is_probe and b.name == name then b.probe, b.name = 0, '' end
  if verdict == 'success' then
    b.till, b.probe, b.name, b.times, b.row = nil, 0, '', 0, 0
    forget()
    save_breaker(b)
    publish(b, channel, key, 'closed', 0)
  elseif verdict ~= 'neutral' then open()
  else
    save_breaker(b)
    publish(b, channel, key, b.probe > now and 'probing' or 'open', math.max(b.till, b.probe, now) - now)
  end
elseif verdict ~= 'neutral' then
  b.row = verdict == 'connection-failure' and b.row + 1 or 0
  redis.call('ZADD', KEYS[verdict == 'success' and 2 or 3], now, name)
  local counts = {}
  for at = 2, 3 do
    redis.call('ZREMRANGEBYSCORE', KEYS[at], '-inf', '(' .. string.format('%.0f', now - window))
    counts[at] = redis.call('ZCARD', KEYS[at])
    redis.call('PEXPIRE', KEYS[at], window + 60000)
  end
  local count = counts[2] + counts[3]
  if (count >= least and counts[3] / count >= rate) or b.row >= row then open() else save_breaker(b) end
end`,
);
