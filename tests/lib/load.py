#!/usr/bin/env python3
# load.py URL BODY SECONDS THREADS - ask on until the time is over or the file "enough" appears; print
# as JSON how many were answered, how many failed, by which versions, and the slowest in milliseconds.
# With the first answer it makes the file "begun".
#
# A connection is used as long as the server keeps it; one that it closed between two answers is no
# failure when the request is sent again on a new one (what any HTTP client does), anything else is.
import http.client
import json
import os
import sys
import threading
import time
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
body = open(sys.argv[2], "rb").read()
end = time.time() + float(sys.argv[3])
lock = threading.Lock()
total = {"requests": 0, "failed": 0, "why": [], "versions": {}, "again": 0, "slowest_ms": 0.0}


def ask(conn):
    conn.request("POST", url.path, body, {"Content-Type": "application/json"})
    answer = conn.getresponse()
    return answer, answer.read()


def work():
    conn = None
    while time.time() < end and not os.path.exists("enough"):
        begun, why, version, again = time.time(), None, None, 0
        fresh = conn is None
        try:
            if fresh:
                conn = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
            try:
                answer, data = ask(conn)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                if fresh:
                    raise
                again = 1
                conn = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
                answer, data = ask(conn)
            if answer.status == 200:
                version = json.loads(data)["model_version"]
                if not os.path.exists("begun"):
                    open("begun", "w").close()
            else:
                why = "%d %s" % (answer.status, data[:200])
            if answer.getheader("Connection") == "close":
                conn.close()
                conn = None
        except Exception as e:  # every one of them is a failed request
            why = repr(e)
            conn = None
        took = (time.time() - begun) * 1000
        with lock:
            total["requests"] += 1
            total["again"] += again
            total["slowest_ms"] = max(total["slowest_ms"], took)
            if why:
                total["failed"] += 1
                total["why"] = (total["why"] + [why])[:5]
            else:
                total["versions"][version] = total["versions"].get(version, 0) + 1


threads = [threading.Thread(target=work) for _ in range(int(sys.argv[4]))]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(json.dumps(total))
