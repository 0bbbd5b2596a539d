-- Writes as a trigger does, and leaves nothing behind.
--
-- KEYS  1 key of the probe
-- ARGV  1 value  2 TTL (ms), for what a fault half way would leave
-- Returns 1.
--
-- The commands are those with which triggers write: a server that is full, a replica, or without its rights refuses this script as it refuses theirs. SET
-- comes first: it replaces whatever is there, and is itself refused where there is no memory.

redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('UNLINK', KEYS[1])
redis.call('HSET', KEYS[1], 'value', ARGV[1])
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('LPOP', KEYS[1])
return 1
