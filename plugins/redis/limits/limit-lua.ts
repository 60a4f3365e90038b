/**
 * Lua: the state of one limit key. It is a hash (`meta`), the requests that were sent (a sorted set by their time), those that
 * were admitted and not sent yet (by the end of their lease), the lengths of recent answers, and the limits by pipeline. A
 * member of the sets is `ID|TOKENS`. Each script opens the keys that it needs, changes them, and saves them.
 */
export const LIMIT_KEY = `
local MINUTE, DAY, ANSWERS, COVERED = 60000, 86400000, 100, 0.9
local FIELDS = { 'n', 'tok', 'last', 'day', 'cnt', 'paused', 'i', 'r', 't', 'd', 'skew', 'at', 'full', 'wait', 'p90' }

local function tokens_of(member) return tonumber(string.match(member, '|(.*)$')) end

-- An entry of a dead process was sent when its lease ended, at the latest.
local function pass_time(k)
  local late = redis.call('ZRANGEBYSCORE', k.pending, '-inf', k.now, 'WITHSCORES')
  for at = 1, #late, 2 do
    redis.call('ZREM', k.pending, late[at])
    redis.call('ZADD', k.sent, late[at + 1], late[at])
    k.last = math.max(k.last, tonumber(late[at + 1]))
  end
  local edge = k.now - k.window
  local old = redis.call('ZRANGEBYSCORE', k.sent, '-inf', edge)
  if #old == 0 then return end
  for _, member in ipairs(old) do
    k.n = k.n - 1
    k.tok = k.tok - tokens_of(member)
  end
  redis.call('ZREMRANGEBYSCORE', k.sent, '-inf', edge)
end

local function open_key(first, now)
  local k = { meta = KEYS[first], sent = KEYS[first + 1], pending = KEYS[first + 2], outputs = KEYS[first + 3], limits = KEYS[first + 4] }
  local values = redis.call('HMGET', k.meta, unpack(FIELDS))
  k.before = {}
  for index, field in ipairs(FIELDS) do
    k[field] = tonumber(values[index] or '')
    k.before[field] = k[field]
  end
  for _, field in ipairs({ 'n', 'tok', 'cnt', 'i', 'r', 't', 'd', 'skew', 'paused', 'full', 'wait' }) do k[field] = k[field] or 0 end
  k.last = k.last or -math.huge
  -- A clock that was set back would make old requests young again.
  k.now = math.max(now, k.at or 0)
  k.at = k.now
  k.window = MINUTE + k.skew
  local today = math.floor(k.now / DAY)
  if not k.day or k.day < today then k.day, k.cnt = today, 0 end
  pass_time(k)
  return k
end

local function is_limited(k) return k.i > 0 or k.r > 0 or k.t > 0 end

local function save_key(k)
  local values = {}
  for _, field in ipairs(FIELDS) do
    local value = k[field]
    if value and value > -math.huge and value ~= k.before[field] then
      values[#values + 1] = field
      values[#values + 1] = string.format('%.17g', value)
    end
  end
  if #values > 0 then redis.call('HSET', k.meta, unpack(values)) end
  if k.before.p90 and not k.p90 then redis.call('HDEL', k.meta, 'p90') end
end

-- The strictest limits of all pipelines hold. A field is a pipeline, its value five numbers; 0 is no limit.
local function resize(k)
  local all = redis.call('HVALS', k.limits)
  local was_r, was_t = k.r > 0, k.t > 0
  local i, r, t, d, skew = 0, 0, 0, 0, 0
  local function least(a, b) if a == 0 or (b > 0 and b < a) then return b end return a end
  for _, text in ipairs(all) do
    local mi, mr, mt, md, ms = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+)')
    i, skew = math.max(i, tonumber(mi)), math.max(skew, tonumber(ms))
    r, t, d = least(r, tonumber(mr)), least(t, tonumber(mt)), least(d, tonumber(md))
  end
  k.i, k.r, k.t, k.d, k.skew, k.window = i, r, t, d, skew, MINUTE + skew
  -- What was sent while nothing was limited has not been counted.
  if (r > 0 and not was_r) or (t > 0 and not was_t) then k.full = math.max(k.full, k.last + k.window) end
end

local function join(k, member, limits)
  if redis.call('HGET', k.limits, member) == limits then return end
  redis.call('HSET', k.limits, member, limits)
  resize(k)
  pass_time(k)
end

local function usual_output(k)
  if k.p90 then return k.p90 end
  local values = redis.call('LRANGE', k.outputs, 0, -1)
  if #values == 0 then return math.huge end
  for index, value in ipairs(values) do values[index] = tonumber(value) end
  table.sort(values)
  k.p90 = values[math.max(math.ceil(COVERED * #values), 1)]
  return k.p90
end

-- When requests fit: now or later; nil if that depends on requests that are not sent yet.
local function requests_at(k)
  local excess = k.n + 1 - k.r
  if k.r == 0 or excess <= 0 then return k.now end
  local entry = redis.call('ZRANGE', k.sent, excess - 1, excess - 1, 'WITHSCORES')
  return entry[2] and tonumber(entry[2]) + k.window
end

local function tokens_at(k, cost)
  local excess = k.tok + cost - k.t
  if k.t == 0 or excess <= 0 then return k.now end
  local first = 0
  while true do
    local entries = redis.call('ZRANGE', k.sent, first, first + 99, 'WITHSCORES')
    if #entries == 0 then return nil end
    for at = 1, #entries, 2 do
      excess = excess - tokens_of(entries[at])
      if excess <= 0 then return tonumber(entries[at + 1]) + k.window end
    end
    first = first + 100
  end
end

local function interval_at(k)
  if k.i == 0 then return k.now end
  if redis.call('ZCARD', k.pending) > 0 then return nil end
  return math.max(k.now, k.last + k.i)
end

-- Why the cost does not fit, and for how long (-1: not known); nil if it fits.
local function refusal(k, cost, since)
  local held = k.paused > k.now and k.paused or 0
  if k.d > 0 and k.cnt >= k.d then held = math.max(held, (k.day + 1) * DAY) end
  if held > 0 then return { 'quota', held - k.now } end
  local at = k.now
  if is_limited(k) or k.d > 0 then at = math.max(at, since + k.window, k.full) end
  for _, moment in ipairs({ interval_at(k) or false, requests_at(k) or false, tokens_at(k, cost) or false }) do
    if not moment then return { 'rate-limit', -1 } end
    at = math.max(at, moment)
  end
  if at > k.now then return { 'rate-limit', at - k.now } end
  return nil
end

-- Wakes those who wait.
local function changed(k, channel, message)
  if k.wait == 0 and not message then return end
  k.wait = 0
  redis.call('PUBLISH', channel, message or '')
end`;
