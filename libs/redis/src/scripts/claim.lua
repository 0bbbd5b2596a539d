-- Claims a name for a time, or goes on holding it.
--
-- KEYS  1 claim
-- ARGV  1 holder  2 for how long (ms)
-- Returns 1 if the holder has it now, 0 if somebody else has.
--
-- Atomic, because of several that claim it at once one gets it.

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
