-- The session of a named subscriber, for the scripts that read or change it. Included, never run alone.
--
-- A session is a hash: g (generation), h (holder: lease TAB connectionId; only while it is held), s (last seen, ms), x (when it
-- ends, ms; only while it is away), d (since when it is being ended, ms), e:<eventguid> (lease under which the event was put last),
-- a:<eventguid> (acknowledged position). One without s was never taken: only its events stand there.

local function read_session(key)
  local s = redis.call('HMGET', key, 'g', 'h', 's', 'x', 'd')
  return {
    generation = tonumber(s[1] or 0) or 0, holder = s[2], seen = s[3], expires = s[4], ending = s[5],
  }
end

local function lease_of(holder)
  return string.match(holder, '^([^\t]*)')
end

local function connection_of(holder)
  return string.match(holder, '\t(.*)$')
end

-- The fields of its events, at most so many, each with its lease.
local function events_of(key, most)
  local all, found = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'e:' and #found < 2 * most then
      found[#found + 1] = all[i]
      found[#found + 1] = all[i + 1]
    end
  end
  return found
end

-- Cumulative within an epoch; another epoch replaces.
local function acknowledge(key, eventguid, position)
  local field = 'a:' .. eventguid
  local epoch, offset = string.match(position, '^(.*):(%d+)$')
  local before_epoch, before = string.match(redis.call('HGET', key, field) or '', '^(.*):(%d+)$')
  if before_epoch == epoch and tonumber(before) >= tonumber(offset) then return end
  redis.call('HSET', key, field, position)
end
