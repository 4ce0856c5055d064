-- For wrk: GETs the URL, or posts tasks if an argument after `--` says so. Ends with one line of JSON that has every
-- answer time.
local ffi = require("ffi")

-- wrk's own record of answer times, in microseconds. Reading it at once is cheap; wrk's accessor walks the record from
-- its start for every value.
ffi.cdef [[
   typedef struct { uint64_t count, limit, min, max; uint64_t data[]; } answer_times;
]]

function init(arguments)
   if arguments[1] == "task" then
      wrk.method = "POST"
      wrk.body = '{"guild_id":"g-1","amount":1,"workload":{"kind":"sort","size":10}}'
      wrk.headers["content-type"] = "application/json"
   end
end

function done(summary, latency)
   local errors = summary.errors
   local times = ffi.cast("answer_times **", latency)[0]
   local pairs = {}
   for value = tonumber(times.min), tonumber(times.max) do
      if times.data[value] > 0 then
         pairs[#pairs + 1] = string.format("[%d,%d]", value, tonumber(times.data[value]))
      end
   end
   io.write(string.format(
      '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"times":[%s]}\n',
      summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout, table.concat(pairs, ",")))
end
