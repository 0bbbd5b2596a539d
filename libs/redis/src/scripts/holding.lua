-- What an event holds of a named subscriber, standing or set aside by cuts.
--
-- KEYS  1 meta  2 named  3 base of the cuts
-- ARGV  1 subscriber
-- Returns { nodeId and generation of one of them, bytes of the cookie that stands (-1 if none does), number set aside, bytes of their cookies }; false if
--         there is nothing.
--
-- Atomic, because a cut moves subscriptions from one key to the other. All keys share the event's hash tag, those of the
-- cuts too.
--
--@include shared-meta.lua
--@include shared-subscription.lua
--@include shared-cuts.lua

local function read(key)
  local stored = redis.call('HGET', key, ARGV[1])
  return stored and parse_subscription(stored) or nil
end

local standing = read(KEYS[2])
local found, aside, bytes = standing, 0, 0
for offset in string.gmatch(redis.call('HGET', KEYS[1], 'cuts') or '', '(%d+),') do
  local subscription = read(cut_key(KEYS[3], offset))
  if subscription then
    found, aside, bytes = found or subscription, aside + 1, bytes + #subscription.cookie
  end
end
if not found then return false end

return { found.node, found.generation, standing and #standing.cookie or -1, aside, bytes }
