-- One page of the kept history.
--
-- KEYS  1 meta  2 log
-- ARGV  1 offset of the first wanted entry  2 number of entries
-- Returns { offset of the last kept entry, entries… }, oldest first, from the first that is still kept.
--
-- Atomic, because an index in the log is an offset only together with the meta of the same moment. Both keys share the
-- event's hash tag.
--
--@include shared-meta.lua

local meta = read_meta(KEYS[1])
if not meta then return { '0' } end

local start = math.max(0, tonumber(ARGV[1]) - (meta.offset - redis.call('LLEN', KEYS[2])) - 1)
local entries = redis.call('LRANGE', KEYS[2], start, start + tonumber(ARGV[2]) - 1)
table.insert(entries, 1, int(meta.offset))
return entries
