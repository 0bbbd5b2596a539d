-- Accepts a trigger: keeps the envelope and publishes it.
--
-- KEYS  1 meta  2 log  3 subs  4 named  5 idempotency key (optional)
-- ARGV  1 channel  2 body  3 flags (bit 0: one-shot)  4 fresh epoch  5 envelopes kept  6 bytes kept  7 age kept (ms)
--       8 TTL of meta (ms)  9 TTL of the idempotency key (ms)
-- Returns `epoch offset subscribers nodes`, of the first trigger if the key was there before.
--
-- Atomic, because offset, history, cut and publishing must agree: a subscriber made before this call is counted, cut and
-- reached; one made after it is not. All keys share the event's hash tag.
--
--@include shared-meta.lua

local idempotency = KEYS[5]
if idempotency then
  local answer = redis.call('GET', idempotency)
  if answer then return answer end
end

local meta = open_meta(KEYS[1], ARGV[4])
local flags, now = tonumber(ARGV[3]), now_ms()
local one_shot = flags % 2 == 1
meta.offset = meta.offset + 1

local entry = struct.pack('>BBBdddBc0', 1, 1, flags, meta.offset, now, meta.start, #meta.epoch, meta.epoch) .. ARGV[2]

local function trim(kept)
  local most, most_bytes, oldest = tonumber(ARGV[5]), tonumber(ARGV[6]), now - tonumber(ARGV[7])
  while kept > 1 and (kept > most or meta.bytes > most_bytes or meta.oldest < oldest) do
    meta.bytes = meta.bytes - #redis.call('LPOP', KEYS[2])
    meta.oldest = struct.unpack('>d', redis.call('LINDEX', KEYS[2], 0), 12)
    kept = kept - 1
  end
end

local function keep()
  -- Offsets in the log are contiguous, so what a lost meta has left behind cannot stay.
  if meta.offset == 1 then redis.call('DEL', KEYS[2]) end
  local kept = redis.call('RPUSH', KEYS[2], entry)
  if kept == 1 then meta.bytes, meta.oldest = 0, now end
  meta.bytes = meta.bytes + #entry
  trim(kept)
  redis.call('PEXPIRE', KEYS[2], ARGV[7])
end

keep()

local named = redis.call('HLEN', KEYS[4])
local subscribers = redis.call('HLEN', KEYS[3]) + named
if one_shot then
  redis.call('UNLINK', KEYS[3])
  meta.cut = meta.offset
end

redis.call('HSET', KEYS[1], 'offset', int(meta.offset), 'bytes', int(meta.bytes), 'oldest', int(meta.oldest), 'cut',
  int(meta.cut))
age_meta(KEYS[1], one_shot and named or subscribers, ARGV[8])

local nodes = redis.call('SPUBLISH', ARGV[1], entry)
local answer = meta.epoch .. ' ' .. int(meta.offset) .. ' ' .. int(subscribers) .. ' ' .. int(nodes)
if idempotency then redis.call('SET', idempotency, answer, 'PX', ARGV[9]) end
return answer
