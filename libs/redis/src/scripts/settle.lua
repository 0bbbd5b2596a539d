-- Forgets what cuts have set aside of a named subscriber, up to a position.
--
-- KEYS  1 meta  2 base of the cuts
-- ARGV  1 subscriber  2 epoch  3 offset
-- Returns the offset that the position counts as.
--
-- Atomic, because the list of the cuts stands in meta, which a trigger may change. All keys share the event's hash tag,
-- those of the cuts too.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-cuts.lua

local meta = read_meta(KEYS[1])
if not meta then return '0' end
local up_to = counted(meta, ARGV[2], tonumber(ARGV[3]))
end_set_aside(KEYS[1], KEYS[2], ARGV[1], function(_, offset) return offset <= up_to end)
return int(up_to)
