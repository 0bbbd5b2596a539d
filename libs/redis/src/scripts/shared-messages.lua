-- What scripts tell the nodes beside envelopes; the format stands in relay-codec.ts. Included, never run alone.

local REMOVAL, JOIN, LEAVE = 2, 3, 4

local function tell_removal(channel, subscriber, id)
  redis.call('SPUBLISH', channel, struct.pack('>BBBHc0', 1, REMOVAL, 0, #id, id) .. subscriber)
end

-- Those who are present stand in a set of their own, so that they are found and counted among many who are not.
local function join_presence(present, channel, subscriber)
  redis.call('SADD', present, subscriber)
  redis.call('SPUBLISH', channel, struct.pack('>BBB', 1, JOIN, 0) .. subscriber)
end

local function leave_presence(present, channel, subscriber)
  redis.call('SREM', present, subscriber)
  redis.call('SPUBLISH', channel, struct.pack('>BBB', 1, LEAVE, 0) .. subscriber)
end
