-- What was kept after a position.
--
-- KEYS  1 meta  2 log
-- ARGV  1 epoch  2 offset
-- Returns the entries, oldest first; false if it cannot be told any more.
--
-- Atomic, because an index in the log is an offset only together with the meta of the same moment. Both keys share the
-- event's hash tag.
--
--@include shared-meta.lua

local meta = read_meta(KEYS[1])
if not meta then return false end

local kept, offset = redis.call('LLEN', KEYS[2]), tonumber(ARGV[2])
if not reaches_back(meta, ARGV[1], offset, kept) then return false end
if offset == meta.offset then return {} end
return redis.call('LRANGE', KEYS[2], offset - (meta.offset - kept), -1)
