-- Takes a session off the list of those away, unless it has been listed anew meanwhile.
--
-- KEYS  1 away
-- ARGV  1 member  2 score
-- Returns 1 if this call took it off, else 0.
--
-- Atomic, because a session that is away and not listed would never end.

local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score and tonumber(score) == tonumber(ARGV[2]) then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
