-- wrk's script: replays the requests of a replay file (bench/replay.py), whose path is in the
-- environment, and ends its output with one line of JSON (bench/load/result.py).
-- wrk's times are in microseconds; its status errors are the answers from 400 upwards.

local requests, at = {}, 0

function init()
  local file = assert(io.open(os.getenv("KEYSPAN_REPLAY"), "rb"))
  local length = file:read("*n", "*l")
  while length do
    requests[#requests + 1] = file:read(length)
    length = file:read("*n", "*l")
  end
  file:close()
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "p50": %.1f, "p99": %.1f, "p999": %.1f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
