-- The session of a named subscriber, for the scripts that read or change it. Included, never run alone.
--
-- A session is a hash: g (generation), h (holder: lease TAB connectionId; only while it is held), s (last seen, ms), x (when it
-- ends, ms; only while it is away), d (since when it is being ended, ms), e:<eventguid> (lease under which the event was put last),
-- a:<eventguid> (acknowledged position), b:<eventguid> (bytes that the event keeps for it), b (all of them together), v (grows with each
-- change of b). One without s was never taken: only its events stand there. Versions that know no bytes leave b: of events that are gone.

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

local function whole(number)
  return string.format('%.0f', number)
end

-- Greater than all before, also those of a session of the same name that is gone.
local function next_version(key)
  local time = redis.call('TIME')
  local last = tonumber(redis.call('HGET', key, 'v') or '') or 0
  return whole(math.max(last + 1, tonumber(time[1]) * 1000000 + tonumber(time[2])))
end

-- Writes down how many bytes all events keep. Returns that and its version.
local function store_bytes(key, bytes)
  local version = next_version(key)
  if bytes > 0 then redis.call('HSET', key, 'b', whole(bytes), 'v', version) else redis.call('HDEL', key, 'b', 'v') end
  return whole(bytes), version
end

-- Counts the bytes anew, and writes them down. An event that was put by a version that knows none counts `base` and its name twice.
local function recount_bytes(key, base)
  local all, known, total = redis.call('HGETALL', key), {}, 0
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'b:' then known[string.sub(all[i], 3)] = tonumber(all[i + 1]) or 0 end
  end
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'e:' then
      local eventguid = string.sub(all[i], 3)
      local bytes = known[eventguid]
      if not bytes then
        bytes = base + 2 * #eventguid
        redis.call('HSET', key, 'b:' .. eventguid, whole(bytes))
      end
      known[eventguid] = nil
      total = total + bytes
    end
  end
  for eventguid in pairs(known) do redis.call('HDEL', key, 'b:' .. eventguid) end
  return store_bytes(key, total)
end
