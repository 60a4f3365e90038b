import { HELD_MS, SILENT_MS } from '../workers/times.js';

/**
 * Lua: the state of one limit key. It is a record of numbers, the requests that were sent (a sorted set by their time), those that
 * were admitted and not sent yet (by the end of their lease), the lengths of recent answers, the limits by worker, the workers
 * by the time when they were last seen, and their shares. A member of the first two sets is `ID|TOKENS`. Each script opens the keys that it needs, changes them, and saves them.
 */
export const LIMIT_KEY = `
local MINUTE, DAY, ANSWERS, COVERED = 60000, 86400000, 100, 0.9
local STEP, SILENT, HELD = 7, ${SILENT_MS}, ${HELD_MS}

local function tokens_of(member) return tonumber(string.match(member, '|(.*)$')) end

local function due_by(k, at) if at < k.due then k.due = at end end

-- An entry of a dead process was sent when its lease ended, at the latest. Before \`due\` nothing leaves.
local function pass_time(k)
  if k.now < k.due then return end
  local late = redis.call('ZRANGEBYSCORE', k.pending, '-inf', k.now, 'WITHSCORES')
  for at = 1, #late, 2 do
    redis.call('ZREM', k.pending, late[at])
    redis.call('ZADD', k.sent, late[at + 1], late[at])
    k.last = math.max(k.last, tonumber(late[at + 1]))
  end
  local edge = k.now - k.window
  local old = redis.call('ZRANGEBYSCORE', k.sent, '-inf', edge)
  for _, member in ipairs(old) do
    k.n = k.n - 1
    k.tok = k.tok - tokens_of(member)
  end
  if #old > 0 then redis.call('ZREMRANGEBYSCORE', k.sent, '-inf', edge) end
  local first, held = redis.call('ZRANGE', k.sent, 0, 0, 'WITHSCORES')[2], redis.call('ZRANGE', k.pending, 0, 0, 'WITHSCORES')[2]
  k.due = math.min(first and first + k.window or k.now + k.window, held or k.now + k.window)
end

-- 22 numbers, as little-endian doubles: reading fields of a hash takes three times as long.
local RECORD = '<dddddddddddddddddddddd'

local function open_key(first, now)
  local k = { record = KEYS[first], sent = KEYS[first + 1], pending = KEYS[first + 2], outputs = KEYS[first + 3],
    limits = KEYS[first + 4], seen = KEYS[first + 5], shares = KEYS[first + 6] }
  local before = redis.call('GET', k.record)
  if before then
    k.n, k.tok, k.last, k.day, k.cnt, k.paused, k.i, k.r, k.t, k.d, k.skew, k.at, k.full, k.wait, k.p90, k.sh,
      k.lq, k.lt, k.fq, k.ft, k.due, k.quiet = struct.unpack(RECORD, before)
  else
    for _, field in ipairs({ 'n', 'tok', 'cnt', 'paused', 'i', 'r', 't', 'd', 'skew', 'at', 'full', 'wait', 'sh', 'lq', 'lt', 'fq', 'ft', 'due', 'quiet' }) do
      k[field] = 0
    end
    k.last, k.day, k.p90 = -math.huge, -1, -1
  end
  k.before = before
  -- A clock that was set back would make old requests young again.
  k.now = math.max(now, k.at)
  k.at = k.now
  k.window = MINUTE + k.skew
  local today = math.floor(k.now / DAY)
  if k.day < today then k.day, k.cnt = today, 0 end
  pass_time(k)
  return k
end

local function is_limited(k) return k.i > 0 or k.r > 0 or k.t > 0 end

local function save_key(k)
  local after = struct.pack(RECORD, k.n, k.tok, k.last, k.day, k.cnt, k.paused, k.i, k.r, k.t, k.d, k.skew, k.at, k.full,
    k.wait, k.p90, k.sh, k.lq, k.lt, k.fq, k.ft, k.due, k.quiet)
  if after ~= k.before then redis.call('SET', k.record, after) end
end

-- The strictest limits of all workers hold. A field is a worker, its value six numbers; 0 is no limit, and no share.
local function resize(k)
  local all = redis.call('HVALS', k.limits)
  local was_r, was_t = k.r > 0, k.t > 0
  local i, r, t, d, skew, share = 0, 0, 0, 0, 0, 0
  local function least(a, b) if a == 0 or (b > 0 and b < a) then return b end return a end
  for _, text in ipairs(all) do
    local mi, mr, mt, md, ms, mn = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)')
    i, skew, share = math.max(i, tonumber(mi)), math.max(skew, tonumber(ms)), math.max(share, tonumber(mn))
    r, t, d = least(r, tonumber(mr)), least(t, tonumber(mt)), least(d, tonumber(md))
  end
  k.i, k.r, k.t, k.d, k.skew, k.sh, k.window = i, r, t, d, skew, share, MINUTE + skew
  k.due = 0
  -- What was sent while nothing was limited has not been counted.
  if (r > 0 and not was_r) or (t > 0 and not was_t) then k.full = math.max(k.full, k.last + k.window) end
end

local function join(k, member, limits, seen)
  if redis.call('HGET', k.limits, member) == limits then return end
  redis.call('HSET', k.limits, member, limits)
  redis.call('ZADD', k.seen, 'NX', seen or 0, member)
  k.quiet = math.min(k.quiet, (seen or 0) + SILENT)
  resize(k)
  pass_time(k)
end

local function usual_output(k)
  if k.p90 >= 0 then return k.p90 end
  local values = redis.call('LRANGE', k.outputs, 0, -1)
  if #values == 0 then return math.huge end
  for index, value in ipairs(values) do values[index] = tonumber(value) end
  table.sort(values)
  k.p90 = values[math.max(math.ceil(COVERED * #values), 1)]
  return k.p90
end

-- What workers may use that cannot be heard: requests, tokens and requests of the day. See decision 0027.
local function set_aside(k, since)
  if k.now < k.quiet and k.sh == 0 and k.lq == 0 and k.lt == 0 then return 0, 0, 0 end
  local q, t, d = 0, 0, 0
  local silent = redis.call('ZRANGEBYSCORE', k.seen, k.now - HELD - k.window, k.now - SILENT)
  if #silent > 0 then
    for _, share in ipairs(redis.call('HMGET', k.shares, unpack(silent))) do
      local sq, st, sd = string.match(share or '0 0 0', '^(%S+) (%S+) (%S+)')
      q, t, d = q + tonumber(sq), t + tonumber(st), d + tonumber(sd)
    end
  end
  if k.sh > 0 then
    local away = math.max(k.sh - redis.call('ZCOUNT', k.seen, k.now - SILENT + 1, '+inf'), 0)
    q, t = math.max(q, away * math.floor(k.r / k.sh)), math.max(t, away * math.floor(k.t / k.sh))
    d = math.max(d, away * math.floor(k.d / k.sh))
  end
  if k.now < since + HELD + k.window then
    q, t = q + math.max(k.lq - k.fq, 0), t + math.max(k.lt - k.ft, 0)
  end
  return q, t, d
end

-- When requests fit: now or later; nil if that depends on requests that are not sent yet.
local function requests_at(k, aside)
  local excess = k.n + 1 + aside - k.r
  if k.r == 0 or excess <= 0 then return k.now end
  local entry = redis.call('ZRANGE', k.sent, excess - 1, excess - 1, 'WITHSCORES')
  return entry[2] and tonumber(entry[2]) + k.window
end

local function tokens_at(k, cost, aside)
  local excess = k.tok + cost + aside - k.t
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
  local aside_q, aside_t, aside_d = set_aside(k, since)
  if k.d > 0 and k.cnt + aside_d >= k.d then return { 'rate-limit', -1 } end
  local at = k.now
  if is_limited(k) or k.d > 0 then at = math.max(at, since + k.window, k.full) end
  for _, moment in ipairs({ interval_at(k) or false, requests_at(k, aside_q) or false, tokens_at(k, cost, aside_t) or false }) do
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
