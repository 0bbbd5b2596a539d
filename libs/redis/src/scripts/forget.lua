-- Takes events off the session of a subscriber, as far as the given lease has put them there.
--
-- KEYS  1 session
-- ARGV  1 lease  2… fields
-- Returns the number of fields that are gone.
--
-- Atomic, because the subscriber may hold an event under another lease meanwhile.

local gone = 0
for i = 2, #ARGV do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[1] then
    gone = gone + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return gone
