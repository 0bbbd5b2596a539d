-- Under which lease an event holds anything of a named subscriber, standing or set aside by a cut.
--
-- KEYS  1 meta  2 named  3 base of the cuts
-- ARGV  1 subscriber
-- Returns { nodeId, generation }; false if there is nothing.
--
-- Atomic, because a cut moves subscriptions from one key to the other. All keys share the event's hash tag, those of the
-- cuts too.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-cuts.lua

local stored = redis.call('HGET', KEYS[2], ARGV[1])
local subscription = stored and parse_subscription(stored)
for offset in string.gmatch(redis.call('HGET', KEYS[1], 'cuts') or '', '(%d+),') do
  stored = not subscription and redis.call('HGET', cut_key(KEYS[3], offset), ARGV[1])
  subscription = subscription or stored and parse_subscription(stored)
end
if not subscription then return false end

return { subscription.node, subscription.generation }
