-- Makes a subscription, or changes the cookie of the one that the subscriber has.
--
-- KEYS  1 meta  2 log  3 subs, or named for a named subscriber  4 present
-- ARGV  1 subscriber  2 nodeId  3 generation  4 subscriptionId  5 cookie  6 options  7 fresh epoch  8 channel
--       9 least TTL of the log (ms; 0 for any)  10 epoch of `after` ('' if none)  11 offset of `after`
-- Returns { subscriptionId, since, epoch, offset, recovered (1, 0; -1 without `after`), ended (1, 0) }.
--
-- Atomic with triggers, because a subscription stands at one position: every envelope after `since` reaches it, none
-- before. All keys share the event's hash tag.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-messages.lua

local meta = open_meta(KEYS[1], ARGV[7])
local here = meta.epoch .. ':' .. int(meta.offset)
local after = { epoch = ARGV[10], offset = tonumber(ARGV[11]) }

local recovered = -1
if after.epoch ~= '' then
  recovered = reaches_back(meta, after.epoch, after.offset, redis.call('LLEN', KEYS[2])) and 1 or 0
end

local function store(subscription)
  subscription.node, subscription.generation, subscription.cookie = ARGV[2], ARGV[3], ARGV[5]
  redis.call('HSET', KEYS[3], ARGV[1], format_subscription(subscription))
  redis.call('PERSIST', KEYS[1])
  if ARGV[9] ~= '0' then redis.call('PEXPIRE', KEYS[2], ARGV[9], 'GT') end
  return { subscription.id, subscription.since, meta.epoch, int(meta.offset), recovered, 0 }
end

local stored = redis.call('HGET', KEYS[3], ARGV[1])
local standing = stored and parse_subscription(stored)
if standing then return store(standing) end

local since = here
if recovered == 1 then
  since = after.epoch .. ':' .. int(after.offset)
  if meta.cut > after.offset then return { ARGV[4], since, meta.epoch, int(meta.offset), 1, 1 } end
end
local answer = store({ since = since, id = ARGV[4], made = int(now_ms()), options = ARGV[6] })
if ARGV[6] == 'p' then join_presence(KEYS[4], ARGV[8], ARGV[1]) end
return answer
