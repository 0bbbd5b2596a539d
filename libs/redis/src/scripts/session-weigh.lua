-- Notes what an event keeps for a session.
--
-- KEYS  1 session
-- ARGV  1 lease under which it is put ('' to change nothing unless the session holds the event)  2 eventguid  3 bytes
--       4 whether bytes noted before stay (1, 0)
-- Returns { bytes of the session, their version, bytes that the event kept before ('' if none were noted) }; false if the session does not hold it.
--
-- Atomic, because the sum has to fit the parts, of which several are noted at a time.
--
--@include shared-session.lua

local event, field = 'e:' .. ARGV[2], 'b:' .. ARGV[2]
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], event, ARGV[1])
elseif redis.call('HEXISTS', KEYS[1], event) == 0 then
  return false
end

local noted = redis.call('HMGET', KEYS[1], 'b', 'v', field)
local all, before = tonumber(noted[1] or '') or 0, tonumber(noted[3] or '')
if before and (ARGV[4] == '1' or before == tonumber(ARGV[3])) then return { whole(all), noted[2] or '0', whole(before) } end

redis.call('HSET', KEYS[1], field, ARGV[3])
local bytes, version = store_bytes(KEYS[1], all + tonumber(ARGV[3]) - (before or 0))
return { bytes, version, before and whole(before) or '' }
