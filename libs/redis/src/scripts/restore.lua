-- Puts a subscription again that was stored before, after the store or the lease was lost.
--
-- KEYS  1 meta  2 subs, or named for a named subscriber  3 present
-- ARGV  1 subscriber  2 nodeId  3 generation  4 subscriptionId  5 cookie  6 options  7 fresh epoch  8 channel
--       9 epoch of since  10 offset of since  11 madeAt
-- Returns 1 if the subscription is stored under that lease now, 0 if another has replaced it, -1 if a cut has ended it.
--
-- Atomic, because neither a put nor a cut may come between looking and writing. All keys share the event's hash tag.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-messages.lua

local meta = open_meta(KEYS[1], ARGV[7])

local function store(subscription)
  subscription.node, subscription.generation = ARGV[2], ARGV[3]
  redis.call('HSET', KEYS[2], ARGV[1], format_subscription(subscription))
  redis.call('PERSIST', KEYS[1])
  return 1
end

local stored = redis.call('HGET', KEYS[2], ARGV[1])
local subscription = stored and parse_subscription(stored)
if subscription then
  -- Only the lease is ours to change: its cookie may be a newer one.
  return subscription.id == ARGV[4] and store(subscription) or 0
end

local offset = tonumber(ARGV[10])
if meta.cut > counted(meta, ARGV[9], offset) then return -1 end
if ARGV[6] == 'p' then join_presence(KEYS[3], ARGV[8], ARGV[1]) end
return store({
  since = ARGV[9] .. ':' .. int(offset), id = ARGV[4], made = ARGV[11], options = ARGV[6], cookie = ARGV[5],
})
