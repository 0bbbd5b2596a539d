-- Takes an event off a session, with what was acknowledged of it and the bytes that it kept.
--
-- KEYS  1 session
-- ARGV  1 eventguid
-- Returns { bytes of the session, their version }.
--
-- Atomic, because the sum has to fit the parts.
--
--@include shared-session.lua

local noted = redis.call('HMGET', KEYS[1], 'b', 'b:' .. ARGV[1])
redis.call('HDEL', KEYS[1], 'e:' .. ARGV[1], 'a:' .. ARGV[1], 'b:' .. ARGV[1])
local bytes, version = store_bytes(KEYS[1], math.max(0, (tonumber(noted[1] or '') or 0) - (tonumber(noted[2] or '') or 0)))
return { bytes, version }
