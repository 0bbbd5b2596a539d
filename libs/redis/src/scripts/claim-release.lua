-- Gives a claim up.
--
-- KEYS  1 claim
-- ARGV  1 holder
-- Returns 1 if the holder had it, else 0.
--
-- Atomic, because it may have run out, and another may have it meanwhile.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
