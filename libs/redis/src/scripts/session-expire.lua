-- Ends a session whose time is over: what it holds is ended by the caller in between, who calls again until it is gone.
--
-- KEYS  1 session
-- ARGV  1 now (ms)  2 events told at once
-- Returns { 0, when it ends ('' if it is not away) } if it is not to be ended; { 1, '', version of its having no bytes } if this call ended it; else { 2, since when
--         it is being ended (ms, by the clock of Redis), then each field of an event and its lease }.
--
-- Atomic, because somebody may take it meanwhile: once it is being ended nobody can, until it is gone.
--
--@include shared-session.lua

local session = read_session(KEYS[1])
if not session.expires or not session.seen then return { 0, '' } end
if not session.ending then
  if (tonumber(session.expires) or 0) > tonumber(ARGV[1]) then return { 0, session.expires } end
  local time = redis.call('TIME')
  session.ending = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
  redis.call('HSET', KEYS[1], 'd', session.ending)
end

local answer = events_of(KEYS[1], tonumber(ARGV[2]))
if #answer == 0 then
  local version = next_version(KEYS[1])
  redis.call('DEL', KEYS[1])
  return { 1, '', version }
end
table.insert(answer, 1, session.ending)
table.insert(answer, 1, 2)
return answer
