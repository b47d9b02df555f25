#!/bin/sh
# serve.t - mich serve: answers, limits, who may ask, draining, starting again.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/serving.sh"

[ -x "$BUILD/mich-serve" ] || skip_all "libh2o is not there"
command -v curl >/dev/null || skip_all "curl is not there"
engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1
cat >one.json <<'END'
{"inputs":[{"name":"carrier","shape":[1],"datatype":"BYTES","data":["AA"]},
{"name":"hour","shape":[1],"datatype":"INT64","data":[9]},
{"name":"distance","shape":[1],"datatype":"INT64","data":[700]},
{"name":"dep_delay","shape":[1],"datatype":"INT64","data":[3]}]}
END
cd repo || exit 1

it 'answers health, metadata and predictions, and ends with 0 when told to' '
	cp -r "$SHARED/repo" r; cd r
	up eta
	[ "$(status v2/health/live)" = 200 ]
	[ "$(status v2/health/ready)" = 200 ]
	[ "$(status v2/health/ready -I)" = 200 ]
	ask v2/models/eta | jq -e ".name == \"eta\" and .versions == [\"2\"]"
	ask v2/models/eta/infer -d @"$SHARED/one.json" >answer
	[ "$(jq -r .model_version answer)" = 2 ]
	[ "$(jq -r .parameters.id answer)" = "$(mich rev-parse eta@2)" ]
	echo "{\"carrier\":\"AA\",\"hour\":9,\"distance\":700,\"dep_delay\":3}" | mich predict eta >want
	[ "$(jq ".outputs[0].data[0]" answer)" = "$(jq .prediction want)" ]
	has serve.log "listening on $url"
	down
	has serve.log draining'

it 'serves several under their names, and refuses two alike' '
	cp -r "$SHARED/repo" r; cd r
	up eta@1 newer=model/eta@2
	[ "$(ask v2/models/eta/infer -d @"$SHARED/one.json" | jq -r .model_version)" = 1 ]
	[ "$(ask v2/models/newer/infer -d @"$SHARED/one.json" | jq -r .model_version)" = 2 ]
	[ "$(status v2/models/older/infer -d @"$SHARED/one.json")" = 404 ]
	code 128 mich serve eta@1 eta@2 --listen 127.0.0.1:0 2>err
	has err "both served as '"'eta'"'"; has err "eta2=eta@2"
	code 128 mich serve Bad=eta@1 --listen 127.0.0.1:0 2>err
	has err Bad'

it 'refuses what is no model, what is not there, what is retired' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich serve flights@1 --listen 127.0.0.1:0 2>err; cat err
	code 128 mich serve dataset/flights --listen 127.0.0.1:0 2>err; has err "only models are served"
	code 128 mich serve eta@9 --listen 127.0.0.1:0 2>err; has err "no version 9"
	code 128 mich serve maps/eta --listen 127.0.0.1:0 2>err; has err maps
	mich retire model/eta@1
	code 128 mich serve eta@1 --listen 127.0.0.1:0 2>err; has err retired
	code 129 mich serve
	code 129 mich serve eta --workers -1
	code 129 mich serve eta --tls-cert x'

it 'listens on a port of this machine that is named alone, and beside other addresses' '
	cp -r "$SHARED/repo" r; cd r
	mich serve eta --port 0 --listen unix:"$PWD/s" --port-file port --pid-file pid 2>serve.log &
	server=$!; trap "kill -9 $server \$(cat pid 2>/dev/null) 2>/dev/null || :" EXIT
	wait_for port $server
	url=http://127.0.0.1:$(cat port)
	[ "$(status v2/health/live)" = 200 ]
	[ "$(curl -sS -m 20 --unix-socket s -o /dev/null -w "%{http_code}" http://x/ping)" = 200 ]
	code 128 mich serve eta -p "$(cat port)" 2>err; has err "127.0.0.1:$(cat port)"
	down
	code 129 mich serve eta --port=8000x 2>err; has err "wants a number from 0 to 65535"
	code 129 mich serve eta --port 65536 2>err
	[ ! -e 65536 ] && [ ! -e 8000x ]'

it 'refuses a port that is taken, before it loads anything' '
	cp -r "$SHARED/repo" r; cd r
	up eta
	code 128 mich serve eta --listen 127.0.0.1:"$(cat port)" 2>err
	has err "something listens there already"
	has err "hint: "
	code 128 mich serve eta --listen nowhere 2>err; has err "no address to listen on"
	code 128 mich serve eta --listen 127.0.0.1:99999 2>err; has err "no address to listen on"
	[ "$(status v2/health/live)" = 200 ]'

it 'leaves this machine only with a token, or when that is said' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich serve eta --listen 0.0.0.0:0 2>err
	has err "no token is asked for"; has err "--insecure"
	code 128 mich serve eta --listen "[::]:0" 2>err; has err "no token is asked for"
	rm -f port
	mich serve eta --listen 0.0.0.0:0 --insecure --port-file port 2>log & p=$!
	wait_for port $p; kill $p; wait $p'

it 'asks for a token of the file, and reads it again when it changes' '
	cp -r "$SHARED/repo" r; cd r
	printf "# ours\n0123456789abcdef-one\n" >tokens; chmod 600 tokens
	up eta --token-file tokens
	[ "$(status v2/models/eta)" = 401 ]
	ask v2/models/eta -i | grep -i "^www-authenticate: Bearer"
	[ "$(status v2/models/eta -H "Authorization: Bearer 0123456789abcdef-two")" = 401 ]
	[ "$(status v2/models/eta -H "Authorization: Bearer 0123456789abcdef-one")" = 200 ]
	[ "$(status v2/models/eta -H "authorization: bearer 0123456789abcdef-one")" = 200 ]
	[ "$(status v2/models/eta -H "Authorization: Basic 0123456789abcdef-one")" = 401 ]
	[ "$(status metrics)" = 401 ]
	[ "$(status v2/health/live)" = 200 ]; [ "$(status ping)" = 200 ]
	echo 0123456789abcdef-two >tokens
	turned() { [ "$(status v2/models/eta -H "Authorization: Bearer 0123456789abcdef-two")" = 200 ]; }
	until_true 60 turned
	[ "$(status v2/models/eta -H "Authorization: Bearer 0123456789abcdef-one")" = 401 ]
	echo short >tokens
	said() { grep -q "16 characters" serve.log; }
	until_true 60 said
	turned
	rm tokens
	gone() { grep -q "tokens are still taken" serve.log; }
	until_true 60 gone
	turned
	[ "$(grep -c "still taken" serve.log)" = 1 ]
	echo short >tokens; chmod 600 tokens
	down
	code 128 mich serve eta --listen 127.0.0.1:0 --token-file tokens 2>err; has err "16 characters"
	code 128 mich serve eta --listen 127.0.0.1:0 --token-file nothing 2>err; has err nothing
	echo 0123456789abcdef-two >tokens; chmod 644 tokens
	code 128 mich serve eta --listen 127.0.0.1:0 --token-file tokens 2>err; has err "chmod 600"'

it 'refuses what is too large, at once' '
	cp -r "$SHARED/repo" r; cd r
	up eta --max-body 1
	head -c 2000000 /dev/zero >big
	[ "$(status invocations -H "Expect:" --data-binary @big)" = 413 ]
	[ "$(status invocations --data-binary @big)" = 413 ]
	[ "$(status invocations -H "Transfer-Encoding: chunked" --data-binary @big)" = 413 ]
	ask invocations -H "Expect:" --data-binary @big | jq -e ".error_code == \"BAD_REQUEST\" and (.message | length > 0)"
	ask v2/models/eta/infer -H "Expect:" --data-binary @big | jq -e ".error | length > 0"
	ask v2/models/eta/infer -H "Transfer-Encoding: chunked" --data-binary @big -i | grep -i "^content-type: application/json"
	python3 - "$(cat port)" <<-"END"
	import socket, sys, time
	port = int(sys.argv[1])
	def say(data):
	    s = socket.create_connection(("127.0.0.1", port))
	    s.settimeout(10)
	    s.sendall(data)
	    answer = s.recv(4096)
	    s.close()
	    return answer.split(b"\r\n")[0]
	head = b"POST /invocations HTTP/1.1\r\nHost: x\r\n"
	begun = time.time()
	assert b" 413 " in say(head + b"Content-Length: 1073741824\r\n\r\n")
	assert b" 413 " in say(head + b"Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n")
	assert time.time() - begun < 2
	assert b" 400 " in say(head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")
	assert b" 400 " in say(head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	assert b" 400 " in say(head + b"Content-Length: 5x\r\n\r\nhello")
	assert b" 400 " in say(b"GET /ping HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70000 + b"\r\n\r\n")
	assert b" 400 " in say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	assert b" 200 " in say(b"GET /ping HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 30000 + b"\r\n\r\n")
	END
	ask metrics | grep -E "^mich_request_errors_total.model=.*kind=.too_large.. [1-9]"
	[ "$(status v2/health/live)" = 200 ]'

it 'closes on those who are slow, and answers the others meanwhile' '
	cp -r "$SHARED/repo" r; cd r
	up eta --request-timeout 1s
	python3 - "$(cat port)" <<-"END"
	import socket, sys, time
	port = int(sys.argv[1])
	slow = []
	for i in range(100):
	    s = socket.create_connection(("127.0.0.1", port))
	    s.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n")
	    slow.append(s)
	begun = time.time()
	closed = False
	while not closed and time.time() - begun < 10:
	    try:
	        slow[0].send(b"a")
	        slow[0].settimeout(0.2)
	        closed = slow[0].recv(1) == b""
	    except socket.timeout:
	        pass
	    except OSError:
	        closed = True
	assert closed and 0.5 < time.time() - begun < 5, time.time() - begun
	END
	[ "$(status v2/health/live)" = 200 ]'

it 'answers 503 where large requests fill the queue, and where one waited too long' '
	cp -r "$SHARED/repo" r; cd r
	awk "BEGIN { print \"carrier,hour,distance,dep_delay\"; for (i = 0; i < 150000; i++) print \"AA,9,\" i % 3000 \",3\" }" >many.csv
	up eta --workers 1 --queue 1
	cat >ask.py <<-"END"
	import re, socket, sys
	port, path, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]
	body = open("many.csv", "rb").read()
	held = [socket.create_connection(("127.0.0.1", port)) for _ in range(6)]
	for s in held:
	    s.settimeout(60)
	    s.sendall(b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
	              % (path.encode(), len(body)) + body)
	heads = []
	for s in held:
	    head = b""
	    while b"\r\n\r\n" not in head:
	        head += s.recv(65536)
	    heads.append(head)
	busy = [h for h in heads if b" 503 " in h]
	served = [h for h in heads if b" 200 " in h]
	print(len(served), len(busy))
	assert busy and len(served) + len(busy) == len(heads), heads
	assert kind == "time" or served
	for h in busy:
	    assert re.search(rb"(?i)retry-after: 1\r\n", h), h
	    assert b"TEMPORARILY_UNAVAILABLE" in h, h
	END
	python3 ask.py "$(cat port)" invocations queue
	ask metrics | grep -E "^mich_http_shed_total [1-5]$"
	down
	up eta --workers 1 --queue-time 0.01s
	python3 ask.py "$(cat port)" invocations time
	python3 - "$(cat port)" "$(cat pid)" <<-"END"
	import os, signal, socket, sys
	port, pid = int(sys.argv[1]), int(sys.argv[2])
	body = b"carrier,hour,distance,dep_delay\n" + b"AA,9,700,3\n" * 20000
	held = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
	for s in held:
	    s.settimeout(60)
	    s.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
	    assert b" 200 " in s.recv(4096)
	os.kill(pid, signal.SIGSTOP)
	for s in held:
	    s.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
	              % len(body) + body)
	os.kill(pid, signal.SIGCONT)
	heads = [s.recv(200) for s in held]
	assert any(b" 200 " in h for h in heads) and any(b" 503 " in h for h in heads), heads
	END
	[ "$(status v2/health/live)" = 200 ]'

it 'turns away more connections than it may have, and holds thousands that are idle' '
	cp -r "$SHARED/repo" r; cd r
	up eta --max-connections 5
	python3 - "$(cat port)" <<-"END"
	import socket, sys
	port = int(sys.argv[1])
	held = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
	for s in held:
	    s.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
	    assert b" 200 " in s.recv(4096)
	s = socket.create_connection(("127.0.0.1", port))
	s.settimeout(10)
	answer = s.recv(4096)
	assert b" 503 " in answer and b"Retry-After: 1" in answer, answer
	END
	one_left() { [ "$(status v2/health/live)" = 200 ]; }
	until_true 60 one_left
	ask metrics | grep "^mich_http_connections_refused_total 1"
	down
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -gt 10500 ] || skip "too few file descriptors"
	up eta
	python3 - "$(cat port)" <<-"END"
	import resource, socket, sys
	soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
	port = int(sys.argv[1])
	held = [socket.create_connection(("127.0.0.1", port)) for _ in range(10000)]
	s = socket.create_connection(("127.0.0.1", port))
	s.settimeout(10)
	s.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
	assert b" 200 " in s.recv(4096)
	for line in open("/proc/%s/status" % open("pid").read().strip()):
	    if line.startswith("VmRSS"):
	        assert int(line.split()[1]) < 400000, line
	END
	[ "$(status v2/health/live)" = 200 ]'

it 'goes on where it was stopped and told to continue' '
	cp -r "$SHARED/repo" r; cd r
	up eta --workers 2
	for i in 1 2 3; do
		kill -STOP "$(cat pid)"; sleep 0.1; kill -CONT "$(cat pid)"
		[ "$(status v2/health/live)" = 200 ]; [ "$(status v2/health/live)" = 200 ]
	done'

it 'listens on a Unix socket, and in the place of one that was left behind' '
	cp -r "$SHARED/repo" r; cd r
	rm -f port
	mich serve eta --listen unix:sock --pid-file pid 2>log & p=$!
	trap "kill -9 $p 2>/dev/null || :" EXIT
	wait_for pid $p
	[ "$(curl -s --unix-socket sock http://x/v2/models/eta/ready | jq .ready)" = true ]
	code 128 mich serve eta --listen unix:sock 2>err; has err "listens there already"
	kill -9 $p; wait $p || :
	[ -S sock ]
	rm pid
	mich serve eta --listen unix:sock --listen 127.0.0.1:0 --pid-file pid 2>log & p=$!
	wait_for pid $p
	[ "$(curl -s --unix-socket sock http://x/v2/models/eta/ready | jq .ready)" = true ]
	kill $p; wait $p
	[ ! -e sock ]
	echo mine >file
	code 128 mich serve eta --listen unix:file 2>err; has err "listens there already"
	has file mine'

it 'speaks TLS with a certificate, and refuses what is none' '
	cp -r "$SHARED/repo" r; cd r
	command -v openssl >/dev/null || skip "openssl is not there"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
		-addext "subjectAltName=IP:127.0.0.1" 2>/dev/null
	up eta --tls-cert cert.pem --tls-key key.pem
	url=https://127.0.0.1:$(cat port)
	has serve.log "listening on $url"
	[ "$(ask v2/models/eta/infer --cacert cert.pem -d @"$SHARED/one.json" | jq -r .model_name)" = eta ]
	code 60 curl -s "$url/ping"
	[ "$(curl -s -o /dev/null -w "%{http_code}" "http://127.0.0.1:$(cat port)/ping" || :)" != 200 ]
	[ "$(status ping --cacert cert.pem)" = 200 ]
	down
	code 128 mich serve eta --listen 127.0.0.1:0 --tls-cert cert.pem --tls-key data/new.csv 2>err
	has err "key '"'data/new.csv'"'"
	code 128 mich serve eta --listen 127.0.0.1:0 --tls-cert none.pem --tls-key key.pem 2>err
	has err none.pem'

it 'writes a line a request, and a share of them' '
	cp -r "$SHARED/repo" r; cd r
	up eta --access-log access.jsonl
	ask v2/models/eta/infer -d @"$SHARED/one.json" -H "x-request-id: r1" >/dev/null
	status v2/models/none/infer -d "{}" >/dev/null
	down
	[ "$(wc -l <access.jsonl)" = 2 ]
	head -n 1 access.jsonl | jq -e ".status == 200 and .model == \"eta\" and .version == \"2\" and
		.rows == 1 and .method == \"POST\" and .id == \"r1\" and .us > 0 and .error == null"
	tail -n 1 access.jsonl | jq -e ".status == 404 and .error == \"not_found\""
	up eta --access-log share.jsonl --access-share 0.25
	for i in 1 2 3 4 5 6 7 8; do status ping >/dev/null; done
	down
	[ "$(wc -l <share.jsonl)" = 2 ]
	code 129 mich serve eta --access-log x --access-share 2'

it 'logs predictions as tables, under the id that the client knows' '
	cp -r "$SHARED/repo" r; cd r
	up eta --log plog
	ask v2/models/eta/infer -d @"$SHARED/one.json" -H "x-request-id: r1" >/dev/null
	ask invocations -H "Content-Type: text/csv" --data-binary @data/new.csv -D head >answer
	id=$(tr -d "\r" <head | sed -n "s/^x-request-id: //p")
	[ -n "$id" ]
	status v2/models/eta/infer -d "{}" >/dev/null
	ask metrics | grep "^mich_prediction_log_dropped_total 0"
	down
	set -- plog/eta/2-*/*.jsonl
	[ $# = 1 ]
	[ "$(wc -l <"$1")" = 11 ]
	head -n 1 "$1" | jq -e ".mich_id == \"r1\" and .mich_row == 0 and .mich_model == \"eta\" and
		.mich_version == \"2\" and .carrier == \"AA\" and .distance == 700"
	[ "$(jq -r "select(.mich_id == \"$id\") | .mich_row" "$1" | wc -l)" = 10 ]
	jq -c "select(.mich_id == \"$id\") | .prediction" "$1" >logged
	jq -c ".predictions[]" answer >answered
	same logged answered
	mich predict eta --from "$1" --columns mich_id,prediction >again 2>/dev/null
	[ "$(wc -l <again)" = 11 ]'

it 'logs into new files where the old ones were removed, and says what the disk did not take' '
	cp -r "$SHARED/repo" r; cd r
	up eta --log plog --access-log access.jsonl
	ask v2/models/eta/infer -d @"$SHARED/one.json" >/dev/null
	logged() { [ -s access.jsonl ] && [ -n "$(find plog -name "*.jsonl" -size +0 2>/dev/null)" ]; }
	until_true 60 logged
	rm -r plog access.jsonl
	ask v2/models/eta/infer -d @"$SHARED/one.json" >/dev/null
	until_true 60 logged
	down
	[ -e /dev/full ] || skip "no /dev/full"
	up eta --access-log /dev/full
	ask v2/models/eta/infer -d @"$SHARED/one.json" >/dev/null
	lost() { grep -q "lines lost so far: 1" serve.log; }
	until_true 60 lost
	ask metrics | grep "^mich_access_log_dropped_total 1"'

it 'drains: what runs is answered, idle ones are closed, nobody new comes in' '
	cp -r "$SHARED/repo" r; cd r
	up eta
	python3 - "$(cat port)" "$(cat pid)" <<-"END"
	import os, signal, socket, sys, time
	port, pid = int(sys.argv[1]), int(sys.argv[2])
	ping = b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n"
	def connect():
	    s = socket.create_connection(("127.0.0.1", port))
	    s.settimeout(10)
	    return s
	idle, busy, asks_on = connect(), connect(), connect()
	for s in (idle, asks_on):
	    s.sendall(ping)
	    assert b" 200 " in s.recv(4096)
	body = b"carrier,hour,distance,dep_delay\nAA,9,700,3\n"
	busy.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
	             b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
	time.sleep(0.3)
	os.kill(pid, signal.SIGTERM)
	time.sleep(0.4)
	asks_on.sendall(ping)
	answer = asks_on.recv(4096)
	assert b" 200 " in answer and b"Connection: close" in answer, answer
	try:
	    connect()
	    assert False, "a new connection was taken"
	except ConnectionRefusedError:
	    pass
	assert idle.recv(10) == b""
	busy.sendall(body[10:])
	assert b" 200 " in busy.recv(4096)
	END
	wait "$server"'

it 'mich predict --url prints the bytes of a local prediction' '
	cp -r "$SHARED/repo" r; cd r
	echo 0123456789abcdef-one >tokens; chmod 600 tokens
	up eta --listen unix:sock --token-file tokens
	mich export dataset/flights@1 out
	awk -F, "NR > 1 { print \"{\\\"carrier\\\":\\\"\" \$1 \"\\\",\\\"hour\\\":\" \$2 \",\\\"distance\\\":\" \$3 \",\\\"dep_delay\\\":\" \$4 \"}\" }" \
		data/new.csv >new.jsonl
	printf "carrier,hour,distance,dep_delay\nZZ,9,,NA\nAA,9,1e300,-3\n" >odd.csv
	sed "s/\$/,0.5/; 1s/0.5/note/" data/new.csv >more.csv
	mkdir away
	far() { (cd away && mich predict eta --url "$url" --token-file ../tokens "$@"); }
	same_as_here() {
		mich predict eta "$@" >here 2>/dev/null
		far "$@" >far
		cmp here far
	}
	mich predict eta <data/new.csv >here; far <data/new.csv >far; cmp here far
	mich predict eta <odd.csv >here 2>/dev/null && far <odd.csv >far && cmp here far
	mich predict eta <new.jsonl >here; far <new.jsonl >far; cmp here far
	same_as_here --from "$PWD/data/flights.csv" --columns carrier,arr_delay
	same_as_here --from "$PWD/more.csv" --columns note --format jsonl
	same_as_here --from "$PWD/out/train.parquet"
	same_as_here --from "$PWD/out/train.parquet" --sql "SELECT * FROM train WHERE hour > 12" --columns hour
	mich predict eta --url unix:sock --token-file tokens <data/new.csv >far
	mich predict eta <data/new.csv | cmp - far
	mich predict eta@2 --url unix:sock --token-file tokens <data/new.csv | cmp - far
	code 128 mich predict eta@1 --url unix:sock --token-file tokens <data/new.csv 2>err
	has err "served in version 2"
	code 128 mich predict none --url "$url" --token-file tokens <data/new.csv 2>err; has err none
	code 128 mich predict eta --url "$url" <data/new.csv 2>err; has err "a token is wanted"; has err "--token-file"
	code 129 mich predict eta --url "$url" --from data/new.csv --into x.csv 2>err; has err "--into"
	code 129 mich predict --models eta,eta@1 --url "$url" --from data/new.csv 2>err
	printf "carrier,hour,distance,dep_delay\nAA,9,far,3\n" >bad.csv
	code 128 far <bad.csv 2>err; has err "line 2"
	down
	code 128 far <data/new.csv 2>err; has err "cannot reach"; has err "mich serve"
	code 128 mich predict eta --url https://127.0.0.1:1 <data/new.csv 2>err; has err TLS
	code 128 mich predict eta --url ftp://x <data/new.csv 2>err; has err "http://HOST:PORT"'
