-- One page of the sessions that are away, those that end soonest first.
--
-- KEYS  1 away
-- ARGV  1 number of members  2 score of the last member shown ('' for the first page)  3 that member
-- Returns members and scores.
--
-- Atomic, because a rank counts only as long as nobody leaves the list.

local start = 0
if ARGV[2] ~= '' then
  local score = redis.call('ZSCORE', KEYS[1], ARGV[3])
  if score and tonumber(score) == tonumber(ARGV[2]) then
    start = redis.call('ZRANK', KEYS[1], ARGV[3]) + 1
  else
    -- It is gone: those of the same time are shown again.
    start = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[2])
  end
end
return redis.call('ZRANGE', KEYS[1], start, start + ARGV[1] - 1, 'WITHSCORES')
