-- Accepts a trigger: keeps the envelope and publishes it.
--
-- KEYS  1 meta  2 log  3 subs  4 named  5 present  6 base of the cuts  7 idempotency key (optional)
-- ARGV  1 channel  2 body  3 flags (bit 0: one-shot)  4 fresh epoch  5 envelopes kept  6 bytes kept  7 age kept (ms)
--       8 TTL of meta (ms)  9 TTL of the idempotency key (ms)  10 TTL of a session (ms)  11 what travels beside the entry: it
--       goes before what is published and is not kept (optional)
-- Returns `epoch offset subscribers nodes`, of the first trigger if the key was there before.
--
-- Atomic, because offset, history, cut and publishing must agree: a subscriber made before this call is counted, cut and
-- reached; one made after it is not. All keys share the event's hash tag, those of the cuts too.
--
--@include shared-meta.lua

local idempotency = KEYS[7]
if idempotency then
  local answer = redis.call('GET', idempotency)
  if answer then return answer end
end

local meta = open_meta(KEYS[1], ARGV[4])
local flags, now = tonumber(ARGV[3]), now_ms()
local one_shot = flags % 2 == 1
meta.offset = meta.offset + 1

-- Bit 6 says that there is an origin, which version 1 of the format does not know, and bit 7 that there is a retry time, which version 2 does not know: a node
-- that reads no such version leaves the entry alone.
local version = flags >= 128 and 3 or flags >= 64 and 2 or 1
local entry = struct.pack('>BBBdddBc0', version, 1, flags, meta.offset, now, meta.start, #meta.epoch, meta.epoch) .. ARGV[2]

local named = redis.call('HLEN', KEYS[4])
local subscribers = redis.call('HLEN', KEYS[3]) + named
local age = ARGV[7]

-- What only named subscribers cost. Functions are made where they are needed: each run of a script makes them anew.
if named > 0 or meta.cuts ~= '' then
--@include shared-subscription.lua
--@include shared-cuts.lua

  local cuts = live_cuts(meta.cuts, KEYS[6])
  if one_shot and named > 0 then
    -- What they hold is theirs until they have acknowledged the cut.
    local cut = cut_key(KEYS[6], int(meta.offset))
    redis.call('RENAME', KEYS[4], cut)
    redis.call('HSET', cut, ENVELOPE, entry)
    redis.call('PEXPIRE', cut, ARGV[10])
    cuts = add_cut(cuts, KEYS[6], int(meta.offset))
  end
  store_cuts(KEYS[1], meta.cuts, cuts)
  -- Whoever may come back for what was missed finds it as long as the session lives.
  if (named > 0 or cuts ~= '') and tonumber(ARGV[10]) > tonumber(age) then age = ARGV[10] end
end

local function trim(kept)
  local most, most_bytes, oldest = tonumber(ARGV[5]), tonumber(ARGV[6]), now - tonumber(age)
  while kept > 1 and (kept > most or meta.bytes > most_bytes or meta.oldest < oldest) do
    meta.bytes = meta.bytes - #redis.call('LPOP', KEYS[2])
    -- What is none of ours has no time; it goes with those before it.
    local head = redis.call('LINDEX', KEYS[2], 0)
    meta.oldest = #head >= 19 and struct.unpack('>d', head, 12) or 0
    if not is_count(meta.oldest) then meta.oldest = 0 end
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
  redis.call('PEXPIRE', KEYS[2], age)
end

keep()

if one_shot then
  redis.call('UNLINK', KEYS[3], KEYS[5])
  meta.cut = meta.offset
end

redis.call('HSET', KEYS[1], 'offset', int(meta.offset), 'bytes', int(meta.bytes), 'oldest', int(meta.oldest), 'cut',
  int(meta.cut))
age_meta(KEYS[1], one_shot and 0 or subscribers, ARGV[8])

local nodes = redis.call('SPUBLISH', ARGV[1], ARGV[11] and ARGV[11] .. entry or entry)
local answer = meta.epoch .. ' ' .. int(meta.offset) .. ' ' .. int(subscribers) .. ' ' .. int(nodes)
if idempotency then redis.call('SET', idempotency, answer, 'PX', ARGV[9]) end
return answer
