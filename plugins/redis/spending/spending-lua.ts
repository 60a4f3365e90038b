/** Milliseconds after which an amount that is held and not renewed counts as spent. A later figure corrects it. */
export const HELD_MS = 600_000;

/**
 * Lua: the accounts of scopes. All keys have one tag, so that an attempt is reserved in all of its scopes or in none. Keys: the
 * epoch, the begin of the names of accounts, of their holds and of the times of holds, the names of all kept accounts, and the
 * mark that somebody waits.
 *
 * An amount of money is whole dollars and 10^-12 dollars, which a double holds exactly. A hold is the text
 * `TOKENS|DOLLARS|REST|SPENT|MODEL`, in which the model of unknown amounts may be empty.
 */
export const ACCOUNTS = `
local DAY, HELD, REST, MOST_WITHOUT_COST = 86400000, ${HELD_MS}, 1e12, 3
local FIELDS = { 'st', 'sd', 'sr', 'rt', 'rd', 'rr', 'dd', 'dr', 'u' }
local function text(number) return string.format('%.17g', number) end

local function add(d, r, d2, r2)
  d, r = d + d2, r + r2
  if r >= REST then d, r = d + 1, r - REST end
  return d, r
end
local function subtract(d, r, d2, r2)
  d, r = d - d2, r - r2
  if r < 0 then d, r = d - 1, r + REST end
  return d, r
end
local function less(d, r, d2, r2) return d < d2 or (d == d2 and r < r2) end

-- Months since the epoch (H. Hinnant, "chrono-compatible low-level date algorithms", 2013).
local function month_of(now)
  local z = math.floor(now / DAY) + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local m = mp < 10 and mp + 3 or mp - 9
  return (yoe + era * 400 + (m <= 2 and 1 or 0) - 1970) * 12 + m - 1
end

local function period_of(unit, now)
  if unit == 'd' then return math.floor(now / DAY) end
  return unit == 'm' and month_of(now) or 0
end

-- A clock that is set a day forth and back does not begin a period twice.
local function present(scope, unit, now)
  if unit == '' then return scope, 0 end
  local tomorrow = period_of(unit, now + DAY)
  local name = scope .. '/' .. unit .. tomorrow
  if redis.call('EXISTS', KEYS[2] .. name) == 1 then return name, tomorrow end
  local index = period_of(unit, now)
  return scope .. '/' .. unit .. index, index
end

local function parse_hold(stored)
  local tokens, d, r, spent, model = string.match(stored, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  return { t = tonumber(tokens), d = tonumber(d), r = tonumber(r), spent = spent == '1', model = model }
end

local function store_hold(a, id, hold, ends)
  local stored = text(hold.t) .. '|' .. text(hold.d) .. '|' .. text(hold.r) .. '|' .. (hold.spent and '1' or '0') .. '|' .. hold.model
  redis.call('HSET', a.holds, id, stored)
  redis.call('ZADD', a.times, ends, id)
end

local function forget_hold(a, id)
  redis.call('HDEL', a.holds, id)
  redis.call('ZREM', a.times, id)
end

local function hold_of(a, id)
  local stored = redis.call('HGET', a.holds, id)
  return stored and parse_hold(stored)
end

local function without_cost(a, model, more)
  local count = redis.call('HINCRBY', a.key, 'w:' .. model, more)
  if count <= 0 then redis.call('HDEL', a.key, 'w:' .. model) end
end

local function has_cost(hold) return hold.d > 0 or hold.r > 0 end

local function spend_hold(a, id, hold, ends)
  a.rt = a.rt - hold.t
  a.rd, a.rr = subtract(a.rd, a.rr, hold.d, hold.r)
  if hold.model ~= '' then
    a.u = a.u - 1
    if has_cost(hold) then without_cost(a, hold.model, 1) end
    if less(hold.d, hold.r, a.dd, a.dr) then hold.d, hold.r = a.dd, a.dr end
  end
  a.st = a.st + hold.t
  a.sd, a.sr = add(a.sd, a.sr, hold.d, hold.r)
  hold.spent = true
  store_hold(a, id, hold, ends + DAY)
end

-- Holds that are too old count as spent; a day later they are forgotten, and stay spent.
local function expire(a, now)
  local due = redis.call('ZRANGEBYSCORE', a.times, '-inf', now, 'WITHSCORES')
  for at = 1, #due, 2 do
    local hold = hold_of(a, due[at])
    if not hold or hold.spent then forget_hold(a, due[at]) else spend_hold(a, due[at], hold, tonumber(due[at + 1])) end
  end
end

local function open_account(name, now)
  local a = { name = name, key = KEYS[2] .. name, holds = KEYS[3] .. name, times = KEYS[4] .. name }
  local values = redis.call('HMGET', a.key, unpack(FIELDS))
  for index, field in ipairs(FIELDS) do a[field] = tonumber(values[index] or '') or 0 end
  expire(a, now)
  return a
end

-- A period is of use until it is settled, and that of a process until it has ended.
local function kept_for(unit, own)
  if unit == 'm' then return 70 * DAY end
  return (unit == 'd' or own) and 3 * DAY or nil
end

local function save_account(a, scope, unit, index, own)
  local values = {}
  for _, field in ipairs(FIELDS) do
    values[#values + 1] = field
    values[#values + 1] = text(a[field])
  end
  redis.call('HSET', a.key, 'scope', scope, 'unit', unit, 'index', index, unpack(values))
  if not own then redis.call('SADD', KEYS[5], a.name) end
  local ms = kept_for(unit, own)
  if ms then for _, key in ipairs({ a.key, a.holds, a.times }) do redis.call('PEXPIRE', key, ms) end end
end

local function put_hold(a, id, hold, now)
  store_hold(a, id, hold, now + HELD)
  a.rt = a.rt + hold.t
  a.rd, a.rr = add(a.rd, a.rr, hold.d, hold.r)
  if hold.model ~= '' then a.u = a.u + 1 end
end

local function balance_of(a) return { a.name, text(a.st), text(a.sd), text(a.sr), text(a.rt), text(a.rd), text(a.rr), text(a.dd), text(a.dr) } end`;
