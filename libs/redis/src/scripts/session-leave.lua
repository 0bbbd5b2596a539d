-- Makes a session away; ends one that holds no event.
--
-- KEYS  1 session
-- ARGV  1 generation ('' for any)  2 holder, or lease under which it is held ('' for any)  3 now (ms)  4 when it ends (ms)
--       5 bytes of a subscription beside its eventguid and its cookie
-- Returns { 1 if it is away now, 2 if it has ended, 0 if it was not for the caller to say, when it ends ('' if it is not away),
--         lease under which it was held ('' if it was not), bytes that its events keep ('' if nothing has changed), their version }.
--
-- Atomic, because somebody may take it meanwhile.
--
--@include shared-session.lua

local session = read_session(KEYS[1])

local function may_leave()
  if not session.seen or session.ending then return false end
  if ARGV[1] ~= '' and session.generation ~= tonumber(ARGV[1]) then return false end
  local holder = session.holder or ''
  return ARGV[2] == '' or holder == ARGV[2] or lease_of(holder) == ARGV[2]
end

if not may_leave() then return { 0, session.expires or '', '', '', '' } end

local lease = lease_of(session.holder or '')
if #events_of(KEYS[1], 1) == 0 then
  local version = next_version(KEYS[1])
  redis.call('DEL', KEYS[1])
  return { 2, '', lease, '0', version }
end
redis.call('HSET', KEYS[1], 's', ARGV[3], 'x', ARGV[4])
redis.call('HDEL', KEYS[1], 'h')
local bytes, version = recount_bytes(KEYS[1], tonumber(ARGV[5]))
return { 1, ARGV[4], lease, bytes, version }
