# shellcheck shell=sh
# serving.sh - servers in scenarios, beside tap.sh.
#
#	up eta --max-body 1	start `mich serve ...` on a free port of this machine, wait until it answers;
#				$url is where, $server its process; it is killed when the case ends
#	ask PATH [CURL...]	GET $url/PATH, or POST with -d
#	status PATH [CURL...]	only the status
#	down			SIGTERM, and wait for its end

url='' server=''

# wait_for FILE PID: until the file holds something; false when the process ended before.
wait_for() {
	until_true 60 eval "[ -s '$1' ] || ! kill -0 $2 2>/dev/null" && [ -s "$1" ]
}

up() {
	rm -f port pid
	mich serve --listen 127.0.0.1:0 --port-file port --pid-file pid "$@" 2>serve.log &
	server=$!
	trap 'kill -9 "$server" $(cat pid 2>/dev/null) 2>/dev/null || :' EXIT
	wait_for port "$server" || {
		cat serve.log >&2
		return 1
	}
	url=http://127.0.0.1:$(cat port)
}

ask() {
	ask_path=$1
	shift
	curl -sS -m 20 "$@" "$url/$ask_path"
}

status() {
	status_path=$1
	shift
	curl -sS -m 20 -o /dev/null -w '%{http_code}' "$@" "$url/$status_path"
}

down() {
	kill "$(cat pid)"
	wait "$server"
}
