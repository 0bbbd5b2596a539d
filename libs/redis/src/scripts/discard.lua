-- Removes from one of the hashes of an event what is no subscription.
--
-- KEYS  1 meta  2 hash  3 the other hash
-- ARGV  1 TTL of meta (ms)  2… fields
-- Returns how many fields are gone.
--
-- Atomic, because a subscriber may have put a subscription in that place since, and meta ages once nobody is left. All keys share the event's hash tag.
--
--@include shared-meta.lua
--@include shared-subscription.lua

-- What a later version may have written begins with a greater number: not ours to judge.
local function is_garbage(value)
  if (tonumber(string.match(value, '^(%d+)\t') or '') or 0) > 1 then return false end
  local subscription = parse_subscription(value)
  local epoch, offset = string.match(subscription and subscription.since or '', '^(%w+):(%d+)$')
  return not epoch or #epoch > 32 or #offset > 16 or not is_count(tonumber(offset))
end

local gone = 0
for i = 2, #ARGV do
  local value = redis.call('HGET', KEYS[2], ARGV[i])
  if value and is_garbage(value) then gone = gone + redis.call('HDEL', KEYS[2], ARGV[i]) end
end
if gone > 0 then age_meta(KEYS[1], count_subscribers(KEYS[2], KEYS[3]), ARGV[1]) end
return gone
