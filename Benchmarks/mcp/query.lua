-- The small query as wrk sends it, each time with another id, and a look at every answer: its status, and whether it
-- holds the row that its own request has asked for.
local turn = 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("place", #threads)
end

function init()
  turn = place * 7919
  answered, refused, wrong, first = 0, 0, 0, ""
end

local meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
  .. '"io.modelcontextprotocol/clientInfo":{"name":"wrk","version":"1"},'
  .. '"io.modelcontextprotocol/clientCapabilities":{}}'
local headers = {
  ["Content-Type"] = "application/json", ["Accept"] = "application/json, text/event-stream",
  ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = "tools/call", ["Mcp-Name"] = "query",
}

function request()
  turn = turn + 1
  local id = turn % 100000 + 1
  return wrk.format("POST", "/mcp", headers, '{"jsonrpc":"2.0","id":' .. id
    .. ',"method":"tools/call","params":{"name":"query","arguments":{"sql":"SELECT id, name FROM customers WHERE id = '
    .. id .. '"},' .. meta .. "}}")
end

function response(status, _, body)
  answered = answered + 1
  local id = body:match('"id":(%d+)')
  if status ~= 200 then
    refused = refused + 1
  elseif not id or not body:find('[' .. id .. ',"customer ' .. id .. '"]', 1, true) then
    wrong = wrong + 1
  else
    return
  end
  if first == "" then first = status .. " " .. body:sub(1, 300) end
end

function done(summary, latency)
  local seen = {answered = 0, refused = 0, wrong = 0}
  local example = ""
  for _, thread in ipairs(threads) do
    for name in pairs(seen) do seen[name] = seen[name] + thread:get(name) end
    if example == "" then example = thread:get("first") end
  end
  local errors = summary.errors
  io.write(string.format("figures %.1f %d %d %d %d %.2f %.2f %.2f\n",
    summary.requests / (summary.duration / 1e6), seen.answered, seen.refused, seen.wrong,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
  if example ~= "" then io.write("example " .. example:gsub("%c", " ") .. "\n") end
end
