-- Ends a subscription if the given lease put it last.
--
-- KEYS  1 meta  2 subs  3 named
-- ARGV  1 subscriber  2 nodeId  3 generation ('' for any)  4 TTL of meta (ms)
-- Returns 1 if this call ended it, else 0.
--
-- Atomic, because a connection may put the subscription under another lease meanwhile, and two sweepers must not both
-- count it. All keys share the event's hash tag.
--
--@include shared-meta.lua
--@include shared-subscription.lua

local stored = redis.call('HGET', KEYS[2], ARGV[1])
if not stored then return 0 end

local subscription = parse_subscription(stored)
if subscription.node ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' and subscription.generation ~= ARGV[3] then return 0 end

redis.call('HDEL', KEYS[2], ARGV[1])
age_meta(KEYS[1], count_subscribers(KEYS[2], KEYS[3]), ARGV[4])
return 1
