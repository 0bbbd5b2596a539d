-- The value of a stored subscription: 1 TAB since TAB nodeId TAB generation TAB subscriptionId TAB madeAt TAB options TAB cookie.
-- Options: `p` takes part in presence. The cookie is last, because it may hold tabs. Included, never run alone.

-- Nil for what is none.
local function parse_subscription(value)
  local since, node, generation, id, made, options, cookie =
    string.match(value, '^1\t(%w+:%d+)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(%d+)\t([^\t]*)\t(.*)$')
  if not since then return nil end
  return {
    since = since, node = node, generation = generation, id = id, made = made, options = options, cookie = cookie,
  }
end

local function format_subscription(s)
  return table.concat({ '1', s.since, s.node, s.generation, s.id, s.made, s.options, s.cookie }, '\t')
end
