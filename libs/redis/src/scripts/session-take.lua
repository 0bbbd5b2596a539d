-- Takes a session over under a new generation, or makes it.
--
-- KEYS  1 session
-- ARGV  1 holder  2 now (ms)  3 whether it may be made (1, 0)  4 bytes of a subscription beside its eventguid and its cookie
-- Returns { generation, holder until now ('' if none), when it would have ended ('' if it was not away), bytes that its events keep, their version, then
--         each event and its acknowledged position ('' if none) }; -1 while it is being ended; -2 if it may not be made.
--
-- Atomic, because of two who take it the later one counts, and the earlier one must hear of it.
--
--@include shared-session.lua

local session = read_session(KEYS[1])
if session.ending then return -1 end
if not session.seen and ARGV[3] == '0' then return -2 end

-- The time in microseconds, so that none who held an earlier one of the same name, or one that a rewind of Redis has lost, is
-- taken for its holder.
local function next_generation()
  local time = redis.call('TIME')
  return math.max(session.generation + 1, tonumber(time[1]) * 1000000 + tonumber(time[2]))
end

local generation = string.format('%.0f', next_generation())
redis.call('HSET', KEYS[1], 'g', generation, 'h', ARGV[1], 's', ARGV[2])
redis.call('HDEL', KEYS[1], 'x')

local bytes, version = recount_bytes(KEYS[1], tonumber(ARGV[4]))
local answer = { generation, session.holder or '', session.expires or '', bytes, version }
local events = events_of(KEYS[1], math.huge)
for i = 1, #events, 2 do
  local eventguid = string.sub(events[i], 3)
  answer[#answer + 1] = eventguid
  answer[#answer + 1] = redis.call('HGET', KEYS[1], 'a:' .. eventguid) or ''
end
return answer
