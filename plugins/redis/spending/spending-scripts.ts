import { MEMORY_SINCE, NOW_MS, redisScript } from '../scripts.js';
import { ACCOUNTS } from './spending-lua.js';

/** Lua: `{'epoch', since}` where the server has not the memory that the process knows. */
const SAME_MEMORY = `
local now = now_ms(ARGV[1])
local since = memory_since(KEYS[1], now)
if string.format('%.0f', since) ~= ARGV[2] then return { 'epoch', string.format('%.0f', since) } end`;

const script = (name: string, lua: string) => redisScript(name, NOW_MS, MEMORY_SINCE, ACCOUNTS, lua);

/**
 * Reserves amounts in all scopes or in none. Arguments of all scripts begin with the time and since when the server remembers;
 * then the name of the attempt, and for each scope: scope, unit (`d`, `m` or empty), whether it belongs to the process (1),
 * tokens, dollars, rest, model, limit of tokens, limit in dollars, its rest.
 *
 * Returns `{'ok' | 'later' | 'never', the index of the refused scope, balance …}`.
 */
export const RESERVE = script(
  'reserve',
  `${SAME_MEMORY}
local id = ARGV[3]
local wanted, refused, verdict = {}, 0, 'ok'
for at = 4, #ARGV, 10 do
  local scope, unit, own = ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1'
  local name, index = present(scope, unit, now)
  local a = open_account(name, now)
  local hold = { t = tonumber(ARGV[at + 3]), d = tonumber(ARGV[at + 4]), r = tonumber(ARGV[at + 5]), spent = false, model = ARGV[at + 6] }
  local most_t, most_d, most_r = tonumber(ARGV[at + 7]), tonumber(ARGV[at + 8]), tonumber(ARGV[at + 9])
  local function has_room(t, d, r)
    if most_t > 0 and hold.t > 0 and t + hold.t > most_t then return false end
    if (most_d == 0 and most_r == 0) or not has_cost(hold) then return true end
    d, r = add(d, r, hold.d, hold.r)
    return not less(most_d, most_r, d, r)
  end
  local fit = 'never'
  local tries = hold.model == '' and 0 or tonumber(redis.call('HGET', a.key, 'w:' .. hold.model) or '') or 0
  local most_tries = (a.dd > 0 or a.dr > 0) and MOST_WITHOUT_COST or 1
  if (hold.model == '' or tries < most_tries) and has_room(a.st, a.sd, a.sr) then
    local d, r = add(a.sd, a.sr, a.rd, a.rr)
    local is_alone = hold.model == '' or a.u == 0
    fit = is_alone and has_room(a.st + a.rt, d, r) and 'ok' or 'later'
  end
  wanted[#wanted + 1] = { a = a, hold = hold, scope = scope, unit = unit, index = index, own = own }
  if fit ~= 'ok' and (verdict == 'ok' or (verdict == 'later' and fit == 'never')) then refused, verdict = #wanted, fit end
end
local reply = { verdict, refused }
for _, each in ipairs(wanted) do
  if verdict == 'ok' then put_hold(each.a, id, each.hold, now) end
  save_account(each.a, each.scope, each.unit, each.index, each.own)
  reply[#reply + 1] = balance_of(each.a)
end
if verdict == 'later' then redis.call('SET', KEYS[6], 1, 'PX', 60000) end
return reply`,
);

/**
 * Settles an attempt. Then: its name, tokens, dollars, rest, whether the cost is unknown (1), whether this is another try (1), the
 * channel, and for each scope: its account (empty if the reservation was not answered), scope, unit, whether it belongs to the
 * process. Returns `{'ok', balance …}`.
 */
export const SETTLE = script(
  'settle',
  `${SAME_MEMORY}
local id, tokens, d, r, unknown, again = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1', ARGV[8] == '1'
local reply = { 'ok' }
for at = 10, #ARGV, 4 do
  local name, scope, unit, own = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3] == '1'
  if name == '' then
    name = present(scope, unit, now)
    if redis.call('HEXISTS', KEYS[3] .. name, id) == 0 then name = present(scope, unit, now - DAY) end
  end
  local a = open_account(name, now)
  local hold = hold_of(a, id)
  if hold or not again then
    if hold then
      forget_hold(a, id)
      if hold.spent then
        a.st = a.st - hold.t
        a.sd, a.sr = subtract(a.sd, a.sr, hold.d, hold.r)
      else
        a.rt = a.rt - hold.t
        a.rd, a.rr = subtract(a.rd, a.rr, hold.d, hold.r)
        if hold.model ~= '' then a.u = a.u - 1 end
      end
    end
    local costed = hold and hold.model ~= '' and has_cost(hold) and hold.model
    if costed and hold.spent then without_cost(a, costed, -1) end
    a.st = a.st + tokens
    a.sd, a.sr = add(a.sd, a.sr, d, r)
    if unknown then
      if costed then without_cost(a, costed, 1) end
      a.sd, a.sr = add(a.sd, a.sr, a.dd, a.dr)
    else
      if costed and (d > 0 or r > 0) then redis.call('HDEL', a.key, 'w:' .. costed) end
      if less(a.dd, a.dr, d, r) then a.dd, a.dr = d, r end
    end
    local index = redis.call('HGET', a.key, 'index') or period_of(unit, now)
    save_account(a, scope, unit, index, own)
  end
  reply[#reply + 1] = balance_of(a)
end
if redis.call('DEL', KEYS[6]) == 1 then redis.call('PUBLISH', ARGV[9], 'settled') end
return reply`,
);

/** Makes holds last. Then for each: its account, and the name of the attempt. Returns `{'ok'}`. */
export const RENEW = script(
  'renew',
  `${SAME_MEMORY}
for at = 3, #ARGV, 2 do
  local times = KEYS[4] .. ARGV[at]
  local stored = redis.call('HGET', KEYS[3] .. ARGV[at], ARGV[at + 1])
  if stored and not parse_hold(stored).spent then redis.call('ZADD', times, now + HELD, ARGV[at + 1]) end
end
return { 'ok' }`,
);

/**
 * Tells a server that has lost its memory what this process remembers. The largest amounts of all processes count. Then: how many
 * accounts; for each: its name, scope, unit, index, whether it belongs to the process, tokens, dollars, rest, dearest dollars,
 * its rest; after them the holds: account, attempt, tokens, dollars, rest, model. Returns `{'ok'}`.
 */
export const REFILL = script(
  'refill',
  `${SAME_MEMORY}
local holds_from = 4 + tonumber(ARGV[3]) * 10
for at = 4, holds_from - 1, 10 do
  local a = open_account(ARGV[at], now)
  local t, d, r, dd, dr = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6]), tonumber(ARGV[at + 7]), tonumber(ARGV[at + 8]), tonumber(ARGV[at + 9])
  a.st = math.max(a.st, t)
  if less(a.sd, a.sr, d, r) then a.sd, a.sr = d, r end
  if less(a.dd, a.dr, dd, dr) then a.dd, a.dr = dd, dr end
  save_account(a, ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4] == '1')
end
for at = holds_from, #ARGV, 6 do
  local a = open_account(ARGV[at], now)
  if redis.call('EXISTS', a.key) == 1 and not hold_of(a, ARGV[at + 1]) then
    put_hold(a, ARGV[at + 1], { t = tonumber(ARGV[at + 2]), d = tonumber(ARGV[at + 3]), r = tonumber(ARGV[at + 4]), spent = false, model = ARGV[at + 5] }, now)
    redis.call('HSET', a.key, 'rt', text(a.rt), 'rd', text(a.rd), 'rr', text(a.rr), 'u', text(a.u))
  end
end
return { 'ok' }`,
);

/** Gives the balances of all kept accounts and of those named besides. Then: these. Returns `{'ok', {scope, balance} …}`. */
export const BALANCES = script(
  'balances',
  `${SAME_MEMORY}
local names = redis.call('SMEMBERS', KEYS[5])
for at = 3, #ARGV do names[#names + 1] = ARGV[at] end
local reply = { 'ok' }
for _, name in ipairs(names) do
  local stored = redis.call('HMGET', KEYS[2] .. name, 'scope', 'unit', 'index')
  if not stored[1] then redis.call('SREM', KEYS[5], name)
  else
    local a = open_account(name, now)
    local values = {}
    for _, field in ipairs(FIELDS) do
      values[#values + 1] = field
      values[#values + 1] = text(a[field])
    end
    redis.call('HSET', a.key, unpack(values))
    local _, index = present(stored[1], stored[2], now)
    if stored[2] == '' or tonumber(stored[3]) == index then reply[#reply + 1] = { stored[1], balance_of(a) } end
  end
end
return reply`,
);
