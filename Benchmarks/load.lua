-- For wrk: GETs the URL, or posts tasks if an argument after `--` says so; ends with one line of JSON.
function init(arguments)
   if arguments[1] == "task" then
      wrk.method = "POST"
      wrk.body = '{"guild_id":"g-1","amount":1,"workload":{"kind":"sort","size":10}}'
      wrk.headers["content-type"] = "application/json"
   end
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"requests":%d,"seconds":%f,"refused":%d,"broken":%d,"p50_ms":%f,"p99_ms":%f}\n',
      summary.requests, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
