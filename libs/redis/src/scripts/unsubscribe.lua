-- Ends a subscription.
--
-- KEYS  1 meta  2 subs  3 named
-- ARGV  1 subscriber  2 TTL of meta (ms)  3 channel, to tell the nodes ('' if not)
-- Returns 1 if this call ended it, else 0.
--
-- Atomic, because the nodes are told by the one call that ended it, and meta must not age under a subscription that is
-- made meanwhile. All keys share the event's hash tag.
--
--@include shared-meta.lua
--@include shared-subscription.lua

local stored = redis.call('HGET', KEYS[2], ARGV[1])
if not stored then return 0 end

redis.call('HDEL', KEYS[2], ARGV[1])
age_meta(KEYS[1], count_subscribers(KEYS[2], KEYS[3]), ARGV[2])
if ARGV[3] ~= '' then
  local id = parse_subscription(stored).id
  redis.call('SPUBLISH', ARGV[3], struct.pack('>BBBHc0', 1, 2, 0, #id, id) .. ARGV[1])
end
return 1
