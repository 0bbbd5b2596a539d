-- Forgets what cuts have set aside of a named subscriber, up to an offset.
--
-- KEYS  1 meta  2 base of the cuts
-- ARGV  1 subscriber  2 offset
-- Returns how many it ended.
--
-- Atomic, because the list of the cuts stands in meta, which a trigger may change. All keys share the event's hash tag,
-- those of the cuts too.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-cuts.lua

local up_to = tonumber(ARGV[2])
local ended = end_set_aside(KEYS[1], KEYS[2], ARGV[1], function(_, offset) return offset <= up_to end)
return #ended
