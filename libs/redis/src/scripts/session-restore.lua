-- Makes a session again as its holder knows it.
--
-- KEYS  1 session
-- ARGV  1 holder  2 generation  3 now (ms)  4… eventguid, position, …
-- Returns { 1 if it is held now, 0 if it was taken since, -1 while it is being ended, when it would have ended ('' if it was
--         not away) }.
--
-- Atomic, because somebody may take it meanwhile.
--
--@include shared-session.lua

local session, generation = read_session(KEYS[1]), tonumber(ARGV[2])
if session.ending then return { -1, '' } end
if session.generation > generation then return { 0, '' } end
-- Redis may have lost one taking and made another since under the same generation.
if session.generation == generation and session.holder and connection_of(session.holder) ~= connection_of(ARGV[1]) then
  return { 0, '' }
end

redis.call('HSET', KEYS[1], 'g', ARGV[2], 'h', ARGV[1], 's', ARGV[3])
redis.call('HDEL', KEYS[1], 'x')
for i = 4, #ARGV, 2 do acknowledge(KEYS[1], ARGV[i], ARGV[i + 1]) end
return { 1, session.expires or '' }
