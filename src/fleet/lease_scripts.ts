/**
 * The steps of a lease, each of which Redis carries out as one. What they promise together with `lease.ts`, and under
 * which assumptions, is in this room's README; `tests/support/lease_model.ts` is the model of both.
 *
 * The lease is a hash that expires: owner (`<instance>:<process>`), generation, granted_at. Beside it: the last generation
 * that was granted; the epoch, that is which run of Redis this is and since when it is known; and what the holders told
 * last of their streams.
 */

/** What every step begins with. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: lease, generation, epoch, alive. ARGV: owner, its instance, time to live in ms, the largest generation that it has
 * seen, for how long it has been in the roster in ms, which of the app's connections this is, 1 where it was alone in
 * the roster and went on without Redis, its process and its host.
 *
 * Answers {now, what, word, ...}: `granted` with the generation; `held` with who has it; `new` (this Redis may have lost a
 * lease) and `newcomer` (a holder who was alone may not have seen the asker yet); then what each holder told last. From
 * then on it is known who holds it, also where the holder never comes to tell anything.
 */
export const ACQUIRE = `${NOW}
local lease, generation, epoch, alive = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local owner, instance, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local seen, joined, number, isAlone = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7] == '1'

local function answer(...)
  local told = { now, ... }
  for _, word in ipairs(redis.call('HGETALL', alive)) do table.insert(told, word) end
  return told
end

-- Who may not ask for the run of Redis is told of an emptied one alone.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or 'unknown'
local known, since = string.match(redis.call('GET', epoch) or '', '^(%w+) (%d+)$')
since = tonumber(since)
if known ~= run or since > now then
  since = now
  redis.call('SET', epoch, run .. ' ' .. string.format('%.0f', now))
end
if now - since < ttl and not isAlone then return answer('new', '') end

local holder = redis.call('HGET', lease, 'owner')
if holder and holder ~= owner then return answer('held', holder) end

local isJson, last = pcall(cjson.decode, redis.call('HGET', alive, number) or '')
if not isJson or type(last) ~= 'table' then last = nil end
if last and not holder and not isAlone then
  local isOther = last.instance ~= instance and not last.released
  if isOther and joined < ttl then return answer('newcomer', '') end
end

local granted = string.format('%.0f', math.max(tonumber(redis.call('GET', generation)) or 0, seen, now) + 1)
redis.call('SET', generation, granted)
redis.call('HSET', lease, 'owner', owner, 'generation', granted, 'granted_at', string.format('%.0f', now))
redis.call('PEXPIRE', lease, ttl)
local granting = answer('granted', granted)
local record = last or { at = now, up = false, tweet_id = '', connection = '', granted_at = 0 }
-- An answer may be lost, and the grant be asked for again: who was there before is known until the holder tells of itself.
if last and last.process ~= ARGV[8] then
  record.before = { instance = last.instance, host = last.host, released = last.released == true }
end
record.instance, record.process, record.host = instance, ARGV[8], ARGV[9]
record.generation, record.released = tonumber(granted), false
redis.call('HSET', alive, number, cjson.encode(record))
return granting
`;

/**
 * KEYS: lease, alive. ARGV: owner, generation, time to live in ms (0 where it is not renewed), which connection this is,
 * and what the holder tells of its stream, empty for nothing. Answers {now, 1}, or {now, 0} where the lease is not its own.
 */
export const RENEW = `${NOW}
local lease, alive = KEYS[1], KEYS[2]
local held = redis.call('HMGET', lease, 'owner', 'generation')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return { now, 0 } end
if tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', lease, ARGV[3]) end
if ARGV[5] ~= '' then redis.call('HSET', alive, ARGV[4], ARGV[5]) end
return { now, 1 }
`;

/** KEYS and ARGV as before, and the channel on which the others are told. */
export const RELEASE = `${NOW}
local lease, alive = KEYS[1], KEYS[2]
local held = redis.call('HMGET', lease, 'owner', 'generation')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return { now, 0 } end
redis.call('DEL', lease)
redis.call('HSET', alive, ARGV[4], ARGV[5])
redis.call('PUBLISH', ARGV[6], 'released')
return { now, 1 }
`;
