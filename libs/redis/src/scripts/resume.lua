-- What an event holds for a named subscriber who is back, now under another lease.
--
-- KEYS  1 meta  2 log  3 subs  4 named  5 base of the cuts
-- ARGV  1 subscriber  2 nodeId  3 generation  4 fresh epoch  5 TTL of meta (ms)  6 epoch of `seen` ('' if none)
--       7 offset of `seen`
-- Returns { epoch, offset, offset before the oldest envelope kept, then for each subscription, oldest first: { id, cookie,
--         since, madeAt, from, recovered (1, 0), envelope of the cut ('' if it stands) } }.
--
-- Atomic with triggers, because all must agree with one position. All keys share the event's hash tag, those of the cuts
-- too.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-cuts.lua

local meta = open_meta(KEYS[1], ARGV[4])
age_meta(KEYS[1], count_subscribers(KEYS[3], KEYS[4]), ARGV[5])
local oldest = meta.offset - redis.call('LLEN', KEYS[2])

-- A position as an offset of the present epoch, and whether nothing that came before it was lost with its epoch.
local function place(epoch, offset)
  local last = epoch == meta.epoch and meta.offset or end_of(meta, epoch)
  return math.min(counted(meta, epoch, offset), meta.offset), last ~= nil and offset <= last
end

local seen_from, seen_whole = 0, true
if ARGV[6] ~= '' then seen_from, seen_whole = place(ARGV[6], tonumber(ARGV[7])) end

-- `up_to`: what comes after this offset need not be in the history.
local function describe(subscription, up_to, envelope)
  local epoch, offset = string.match(subscription.since, '^(.*):(%d+)$')
  local from, whole = place(epoch, tonumber(offset))
  if ARGV[6] ~= '' and seen_from >= from then from, whole = seen_from, seen_whole end
  local recovered = whole and seen_whole and (from >= oldest or from >= up_to)
  return {
    subscription.id, subscription.cookie, subscription.since, subscription.made, int(from), recovered and 1 or 0, envelope,
  }
end

local function take_over(key)
  local stored = redis.call('HGET', key, ARGV[1])
  if not stored then return nil end
  local subscription = parse_subscription(stored)
  if not subscription then return nil end
  subscription.node, subscription.generation = ARGV[2], ARGV[3]
  redis.call('HSET', key, ARGV[1], format_subscription(subscription))
  return subscription
end

local answer = { meta.epoch, int(meta.offset), int(oldest) }
for offset in string.gmatch(meta.cuts, '(%d+),') do
  local key = cut_key(KEYS[5], offset)
  local subscription = take_over(key)
  if subscription then
    answer[#answer + 1] = describe(subscription, tonumber(offset) - 1, redis.call('HGET', key, ENVELOPE))
  end
end
local standing = take_over(KEYS[4])
if standing then answer[#answer + 1] = describe(standing, meta.offset, '') end
return answer
