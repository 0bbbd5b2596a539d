-- Counts anew what the events of a session keep.
--
-- KEYS  1 session
-- ARGV  1 bytes of a subscription beside its eventguid and its cookie
-- Returns { bytes of the session, their version }; 0 bytes if there is none.
--
-- Atomic, because events are put and taken off meanwhile.
--
--@include shared-session.lua

local bytes, version = recount_bytes(KEYS[1], tonumber(ARGV[1]))
return { bytes, version }
