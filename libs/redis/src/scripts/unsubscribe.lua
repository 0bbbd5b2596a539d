-- Ends a subscription; of a named subscriber also those that cuts have set aside. On condition only those that the given
-- lease put last, or that were made before a given time.
--
-- KEYS  1 meta  2 subs, or named for a named subscriber  3 the other of the two  4 present  5 base of the cuts (named only)
-- ARGV  1 subscriber  2 TTL of meta (ms)  3 channel  4 whether the nodes are told (1, 0)  5 nodeId ('' for any)
--       6 generation ('' for any)  7 madeAt is before (ms; '' for any)
-- Returns how many this call ended.
--
-- Atomic, because the nodes are told by the one call that ended it, a connection may put it under another lease meanwhile,
-- and meta must not age under one that is made meanwhile. All keys share the event's hash tag, those of the cuts too.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-messages.lua
--@include shared-cuts.lua

local function is_due(subscription)
  return (ARGV[5] == '' or subscription.node == ARGV[5])
    and (ARGV[6] == '' or subscription.generation == ARGV[6])
    and (ARGV[7] == '' or tonumber(subscription.made) < tonumber(ARGV[7]))
end

local ended = KEYS[5] and end_set_aside(KEYS[1], KEYS[5], ARGV[1], is_due) or {}

local stored = redis.call('HGET', KEYS[2], ARGV[1])
local standing = stored and parse_subscription(stored)
if standing and is_due(standing) then
  redis.call('HDEL', KEYS[2], ARGV[1])
  age_meta(KEYS[1], count_subscribers(KEYS[2], KEYS[3]), ARGV[2])
  if standing.options == 'p' then leave_presence(KEYS[4], ARGV[3], ARGV[1]) end
  ended[#ended + 1] = standing
end

if ARGV[4] == '1' then
  for _, subscription in ipairs(ended) do tell_removal(ARGV[3], ARGV[1], subscription.id) end
end
return #ended
