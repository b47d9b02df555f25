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
	for _ in $(seq 400); do
		[ -s "$1" ] && return 0
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
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

# until_true CMD...: try five times a second, for a minute: a busy machine may take its time.
until_true() {
	for _ in $(seq 300); do
		"$@" && return 0
		sleep 0.2
	done
	echo "not within a minute: $*" >&2
	return 1
}
