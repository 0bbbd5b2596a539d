-- Notes how many bytes one session of an identity keeps.
--
-- KEYS  1 identity
-- ARGV  1 session  2 bytes  3 version of that number  4 most bytes of all sessions together ('' for any)
-- Returns { 1 if that is noted now, or was said anew since; 0 if it would be too much and more than before, bytes of all sessions together }.
--
-- Atomic, because the sum has to fit the parts, and of several that ask for the last bytes one gets them.
--
-- The hash has a field for each session, its bytes and their version, and the sum under a name that no session has: names have no braces.

local SUM = '{sum}'
local before, known = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+) (%d+)$')
local sum, bytes = tonumber(redis.call('HGET', KEYS[1], SUM) or '') or 0, tonumber(ARGV[2])
before = tonumber(before or 0)
if known and tonumber(known) > tonumber(ARGV[3]) then return { 1, string.format('%.0f', sum) } end

local after = math.max(0, sum - before + bytes)
if ARGV[4] ~= '' and bytes > before and after > tonumber(ARGV[4]) then return { 0, string.format('%.0f', sum) } end

if bytes > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
if after > 0 then
  redis.call('HSET', KEYS[1], SUM, string.format('%.0f', after))
else
  redis.call('DEL', KEYS[1])
end
return { 1, string.format('%.0f', after) }
