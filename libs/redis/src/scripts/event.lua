-- The summary of an event.
--
-- KEYS  1 meta  2 log  3 subs  4 named
-- Returns { epoch, offset, subscribers, envelopes kept }; false if nobody has used the event within its memory.
--
-- One call instead of four, and one moment for all figures. All keys share the event's hash tag.
--
--@include shared-meta.lua

local meta = read_meta(KEYS[1])
if not meta then return false end
return { meta.epoch, int(meta.offset), count_subscribers(KEYS[3], KEYS[4]), redis.call('LLEN', KEYS[2]) }
