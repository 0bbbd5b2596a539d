-- What cuts have set aside of named subscribers. Included after the meta and the subscription, never run alone.
--
-- Each cut has a hash of its own, `<base>:<offset>`: the subscriptions that it ended, and its envelope under a name that no
-- subscriber has. Meta lists them in `cuts`. All live equally long, so the oldest run out first.

local ENVELOPE, MOST_CUTS = 'envelope', 1000

local function cut_key(base, offset)
  return base .. ':' .. offset
end

-- The list without those that have run out.
local function live_cuts(cuts, base)
  for at, offset in string.gmatch(cuts, '()(%d+),') do
    if redis.call('EXISTS', cut_key(base, offset)) == 1 then return string.sub(cuts, at) end
  end
  return ''
end

local function store_cuts(meta_key, before, after)
  if after ~= before then redis.call('HSET', meta_key, 'cuts', after) end
end

-- The list with one more. Beyond the most the oldest gives way, settled or not.
local function add_cut(cuts, base, offset)
  cuts = cuts .. offset .. ','
  local _, count = string.gsub(cuts, ',', ',')
  if count <= MOST_CUTS then return cuts end
  local oldest, rest = string.match(cuts, '^(%d+),(.*)$')
  redis.call('UNLINK', cut_key(base, oldest))
  return rest
end

-- Ends what is set aside of the subscriber where `is_due(subscription, offset)`, and drops cuts in which nobody is left.
-- Returns the ended subscriptions, oldest first, and how many of the subscriber's are left.
local function end_set_aside(meta_key, base, subscriber, is_due)
  local ended, left, kept = {}, 0, {}
  local cuts = redis.call('HGET', meta_key, 'cuts') or ''
  for offset in string.gmatch(cuts, '(%d+),') do
    local key = cut_key(base, offset)
    local stored = redis.call('HGET', key, subscriber)
    local subscription = stored and parse_subscription(stored)
    if subscription and is_due(subscription, tonumber(offset)) then
      redis.call('HDEL', key, subscriber)
      ended[#ended + 1] = subscription
    elseif subscription then
      left = left + 1
    end
    if redis.call('HLEN', key) > 1 then kept[#kept + 1] = offset .. ',' else redis.call('DEL', key) end
  end
  store_cuts(meta_key, cuts, table.concat(kept))
  return ended, left
end
