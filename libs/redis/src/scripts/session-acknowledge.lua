-- Notes how far events were processed.
--
-- KEYS  1 session
-- ARGV  1 generation  2 now (ms)  3… eventguid, position, …
-- Returns 1; 0 if this is not the present generation.
--
-- Atomic, because whoever takes the session meanwhile must not be acknowledged for.
--
--@include shared-session.lua

local session = read_session(KEYS[1])
if session.ending or session.generation ~= tonumber(ARGV[1]) then return 0 end

for i = 3, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[1], 'e:' .. ARGV[i]) == 1 then acknowledge(KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('HSET', KEYS[1], 's', ARGV[2])
return 1
