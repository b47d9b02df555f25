-- post.lua - wrk posts the file of $BODY; $TYPE its content type, $HEAD the length of a JSON head.
local f = io.open(os.getenv("BODY"), "rb")
wrk.method = "POST"
wrk.body = f:read("*a")
f:close()
wrk.headers["Content-Type"] = os.getenv("TYPE") or "application/json"
if os.getenv("HEAD") then wrk.headers["Inference-Header-Content-Length"] = os.getenv("HEAD") end
function done(s, l, r)
  io.write(string.format('{"requests":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"failed":%d}\n', s.requests, s.duration / 1e6, l:percentile(50), l:percentile(99), s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout))
end
