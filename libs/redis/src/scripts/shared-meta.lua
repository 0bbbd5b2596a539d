-- The meta of an event, for the scripts that read or change it. Included, never run alone.
--
-- Meta is a hash: run (replication id of the master that wrote it), epoch, start (offset at which the epoch opened), opened
-- (ms), offset (last one given), bytes (of the log), oldest (time of the log's head), cut (offset of the last one-shot),
-- past (closed epochs, oldest first, each `epoch,end,openedAt;`), cuts (offsets of the cuts that have set subscriptions
-- aside, oldest first, each `offset,`; absent where there are none).

local KEPT_EPOCHS = 4

-- Lua writes large numbers as floats.
local function int(number)
  return string.format('%.0f', number)
end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function is_count(number)
  return number ~= nil and number >= 0 and number < 2 ^ 53
end

-- False if nobody has used the event within its memory, or what stands there is none of ours: the event then begins anew.
local function read_meta(key)
  local m = redis.call('HMGET', key, 'run', 'epoch', 'start', 'offset', 'bytes', 'oldest', 'cut', 'past', 'opened',
    'cuts')
  if not m[2] or not m[8] or not m[9] then return false end
  for i = 3, 7 do
    if not is_count(tonumber(m[i] or '')) then return false end
  end
  return {
    run = m[1], epoch = m[2], start = tonumber(m[3]), offset = tonumber(m[4]), bytes = tonumber(m[5]),
    oldest = tonumber(m[6]), cut = tonumber(m[7]), past = m[8], opened = m[9],
    cuts = m[10] or '',
  }
end

local function last_epochs(past)
  local _, count = string.gsub(past, ';', ';')
  if count <= KEPT_EPOCHS then return past end
  return string.match(past, '^[^;]*;(.*)$')
end

-- The meta under the replication id of this very master: written under another one, its epoch is closed at its last offset
-- and the epoch `fresh` opens. The id is new with each start and each promotion; a run id would be the same again for a
-- process that was master, followed another one and is master again. Reading it here, and not on the connection, leaves no
-- moment in which it can be stale.
local function open_meta(key, fresh)
  local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  local meta = read_meta(key)
  if meta and meta.run == run then return meta end
  if meta then
    meta.past = last_epochs(meta.past .. meta.epoch .. ',' .. int(meta.offset) .. ',' .. meta.opened .. ';')
    meta.start = meta.offset
  else
    meta = { start = 0, offset = 0, bytes = 0, oldest = 0, cut = 0, past = '', cuts = '' }
  end
  meta.run, meta.epoch, meta.opened = run, fresh, int(now_ms())
  redis.call('HSET', key, 'run', run, 'epoch', fresh, 'start', int(meta.start), 'offset', int(meta.offset), 'bytes',
    int(meta.bytes), 'oldest', int(meta.oldest), 'cut', int(meta.cut), 'past', meta.past, 'opened', meta.opened)
  return meta
end

-- Where a closed epoch ended; nil if it is not kept.
local function end_of(meta, epoch)
  for past, last in string.gmatch(meta.past, '([^,;]*),([^,;]*),[^;]*;') do
    if past == epoch then return tonumber(last) end
  end
  return nil
end

-- Whether all that came after the position is still kept. A run id that has changed since the last trigger makes no
-- difference: the epoch will be closed at the offset that stands in meta now.
local function reaches_back(meta, epoch, offset, kept)
  local last = epoch == meta.epoch and meta.offset or end_of(meta, epoch)
  return last ~= nil and offset <= last and offset >= meta.offset - kept
end

-- What a position counts as in the present order of offsets.
local function counted(meta, epoch, offset)
  if epoch == meta.epoch then return offset end
  return math.min(offset, end_of(meta, epoch) or 0)
end

-- Meta lives as long as anyone is subscribed, and for a while after.
local function age_meta(key, subscribers, ttl)
  if subscribers > 0 then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ttl) end
end

local function count_subscribers(subs, named)
  return redis.call('HLEN', subs) + redis.call('HLEN', named)
end
