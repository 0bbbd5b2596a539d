-- Writes fields of a record, and says how long it lasts.
--
-- KEYS  1 record
-- ARGV  1 for how long (ms)  2 how many fields go  then their names  then name and text of each field that is written
-- Returns 1.
--
-- Atomic, because a record without an end would stay for ever.

local at = 3
for _ = 1, tonumber(ARGV[2]) do
  redis.call('HDEL', KEYS[1], ARGV[at])
  at = at + 1
end
for index = at, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
