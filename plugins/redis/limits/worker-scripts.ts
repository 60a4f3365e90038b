import { MEMORY_SINCE, NOW_MS, redisScript } from '../scripts.js';
import { LIMIT_KEY } from './limit-lua.js';

/**
 * Greets the server: what it remembers counts from now on, if it was started again without a log of all writes.
 *
 * Keys: the epoch, the name of the server's run. Arguments: the time. Returns the time.
 */
export const HELLO = redisScript(
  'hello',
  NOW_MS,
  `
local now = now_ms(ARGV[1])
local info = redis.call('INFO', 'server', 'persistence')
local run = string.match(info, 'run_id:(%w+)') or ''
local known = redis.call('GET', KEYS[2])
if known ~= run then
  if known and not string.match(info, 'aof_enabled:1') then redis.call('SET', KEYS[1], string.format('%.0f', now)) end
  redis.call('SET', KEYS[2], run)
end
return string.format('%.0f', now)`,
);

/**
 * Notes the mark of a worker's process. Keys: the marks of all. Arguments: the worker, its mark (empty: it leaves), and the workers whose processes
 * have gone. Returns all workers and their marks.
 */
export const MARK = redisScript(
  'mark',
  `
for at = 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[at]) end
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGETALL', KEYS[1])`,
);

/**
 * Frees the shares of workers whose processes have gone, where those were not silent yet: they were never alone, and all that they
 * sent is counted. Keys as of \`BRING\`. Arguments: the time, the workers.
 */
export const BURY = redisScript(
  'bury',
  NOW_MS,
  LIMIT_KEY,
  `
local now = now_ms(ARGV[1])
for first = 2, #KEYS, STEP do
  local k = open_key(first, now)
  for at = 2, #ARGV do
    local seen = redis.call('ZSCORE', k.seen, ARGV[at])
    if seen and tonumber(seen) > k.now - SILENT then
      redis.call('ZREM', k.seen, ARGV[at])
      redis.call('HDEL', k.shares, ARGV[at])
      if redis.call('HDEL', k.limits, ARGV[at]) == 1 and redis.call('HLEN', k.limits) > 0 then resize(k) end
    end
  end
  changed(k, KEYS[1], '')
  save_key(k)
end`,
);

/**
 * Takes what a worker has sent while the server was away.
 *
 * Keys: the channel of changes, then the state of each limit key. Arguments: the time; for each key the worker, its limits, the
 * day, its requests of that day that the server does not know, the number of entries, and for each entry the member and how
 * many milliseconds ago it was sent (-1: not yet).
 */
export const BRING = redisScript(
  'bring',
  NOW_MS,
  LIMIT_KEY,
  `
local now, arg, lease = now_ms(ARGV[1]), 3, tonumber(ARGV[2])
for first = 2, #KEYS, STEP do
  local k = open_key(first, now)
  join(k, ARGV[arg], ARGV[arg + 1])
  if k.day == tonumber(ARGV[arg + 2]) then k.cnt = k.cnt + tonumber(ARGV[arg + 3]) end
  local last = arg + 4 + 2 * tonumber(ARGV[arg + 4])
  for at = arg + 5, last, 2 do
    local member, ago = ARGV[at], tonumber(ARGV[at + 1])
    if not redis.call('ZSCORE', k.sent, member) and not redis.call('ZSCORE', k.pending, member) then
      if ago < 0 then redis.call('ZADD', k.pending, k.now + lease, member)
      else
        redis.call('ZADD', k.sent, k.now - ago, member)
        k.last = math.max(k.last, k.now - ago)
      end
      k.n, k.tok = k.n + 1, k.tok + tokens_of(member)
    end
  end
  arg = last + 1
  k.due = 0
  pass_time(k)
  save_key(k)
end`,
);

/**
 * Takes back what a worker may have been given in an answer that it did not get. Keys as of \`BRING\`. Arguments: the time, the
 * beginning of the name of the entry.
 */
export const ABANDON = redisScript(
  'abandon',
  NOW_MS,
  LIMIT_KEY,
  `
local now, id = now_ms(ARGV[1]), ARGV[2] .. '|'
for first = 2, #KEYS, STEP do
  local k = open_key(first, now)
  for _, member in ipairs(redis.call('ZRANGE', k.pending, 0, -1)) do
    if string.sub(member, 1, #id) == id then
      redis.call('ZREM', k.pending, member)
      k.n, k.tok = k.n - 1, k.tok - tokens_of(member)
      if k.d > 0 then k.cnt = math.max(k.cnt - 1, 0) end
      changed(k, KEYS[1])
    end
  end
  save_key(k)
end`,
);

/**
 * Shows that a worker is there, and shares the limits out for the time when the server is away.
 *
 * Keys: the epoch, then the state of each limit key. Arguments: the time, the worker, a moment (server's time) at which it was
 * there for certain; for each key its limits, the share that it goes by (requests, tokens, requests of the day), and for a server
 * that has lost its memory since when it remembered and the shares of all, and since when it remembered, the day and its count, when it
 * last named them.
 *
 * Returns the time, since when the server remembers, and for each key its limits (interval, requests, tokens, requests of the
 * day, skew), the workers, the share, the shares of all (requests, tokens), the day and its count.
 */
export const BEAT = redisScript(
  'beat',
  NOW_MS,
  MEMORY_SINCE,
  LIMIT_KEY,
  `
local now, member, seen = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local since = memory_since(KEYS[1], now)
local reply = { string.format('%.0f', now), string.format('%.0f', since) }

local function read(share)
  local q, t, d = string.match(share or '0 0 0', '^(%S+) (%S+) (%S+)')
  return tonumber(q), tonumber(t), tonumber(d)
end

-- The shares of workers that have gone are free again, a window after their end.
local function sweep(k)
  local gone = redis.call('ZRANGEBYSCORE', k.seen, '-inf', k.now - HELD - k.window)
  for _, each in ipairs(gone) do
    local _, _, d = read(redis.call('HGET', k.shares, each))
    if k.d > 0 and k.sh == 0 then k.cnt = k.cnt + d end
    redis.call('HDEL', k.shares, each)
    redis.call('HDEL', k.limits, each)
    redis.call('ZREM', k.seen, each)
  end
  if #gone > 0 then resize(k) end
end

local function others_of(k)
  local q, t, d = 0, 0, 0
  local all = redis.call('HGETALL', k.shares)
  for at = 1, #all, 2 do
    if all[at] ~= member then
      local sq, st, sd = read(all[at + 1])
      q, t, d = q + sq, t + st, d + sd
    end
  end
  return q, t, d
end

-- The same for all, as far as the others leave it.
local function share_of(limit, others, parts, workers)
  if limit == 0 then return 0 end
  local fair = parts > 0 and math.floor(limit / parts) or math.ceil(limit / workers)
  return math.max(math.min(fair, limit - others), 0)
end

for first = 2, #KEYS, STEP do
  local arg = 4 + (first - 2) / STEP * 10
  local k = open_key(first, now)
  join(k, member, ARGV[arg], seen)
  -- A server without memory learns the count of the day before it admits anything.
  if since ~= tonumber(ARGV[arg + 7]) and k.day == tonumber(ARGV[arg + 8]) then k.cnt = math.max(k.cnt, tonumber(ARGV[arg + 9])) end
  redis.call('ZADD', k.seen, 'GT', seen, member)
  sweep(k)
  local mine_q, mine_t, mine_d = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2]), tonumber(ARGV[arg + 3])
  local known = tonumber(ARGV[arg + 4])
  -- Shares of workers that a server without memory does not know, and those of them that have come back.
  if known >= 0 and known ~= since then
    k.lq, k.lt = math.max(k.lq, tonumber(ARGV[arg + 5])), math.max(k.lt, tonumber(ARGV[arg + 6]))
    if redis.call('HEXISTS', k.shares, member) == 0 then k.fq, k.ft = k.fq + mine_q, k.ft + mine_t end
  end
  if k.now >= since + HELD + k.window then k.lq, k.lt, k.fq, k.ft = 0, 0, 0, 0 end
  local q, t, d = others_of(k)
  local lost_q, lost_t = math.max(k.lq - k.fq, 0), math.max(k.lt - k.ft, 0)
  local workers = redis.call('ZCARD', k.seen)
  local new_q = share_of(k.r, q + lost_q, k.sh, workers)
  local new_t = share_of(k.t, t + lost_t, k.sh, workers)
  local new_d = 0
  if k.d > 0 then
    local rest = k.sh > 0 and math.floor(k.d / k.sh) or math.floor(math.max(k.d - k.cnt - d, 0) / (2 * workers))
    new_d = (k.sh == 0 and k.r > 0) and math.min(rest, 3 * new_q) or rest
  end
  -- A worker goes by its old share until it has this answer.
  local q_kept, t_kept, d_kept = math.max(new_q, mine_q), math.max(new_t, mine_t), math.max(new_d, mine_d)
  redis.call('HSET', k.shares, member, string.format('%.0f %.0f %.0f', q_kept, t_kept, d_kept))
  local first = redis.call('ZRANGE', k.seen, 0, 0, 'WITHSCORES')[2]
  k.quiet = first and first + SILENT or 0
  save_key(k)
  for _, value in ipairs({ k.i, k.r, k.t, k.d, k.skew, workers, new_q, new_t, new_d, q + q_kept + lost_q, t + t_kept + lost_t, k.day, k.cnt }) do
    reply[#reply + 1] = string.format('%.0f', value)
  end
end
return reply`,
);
