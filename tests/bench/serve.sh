#!/bin/sh
# serve.sh - mich serve beside nginx answering a constant, MLflow's scoring server, and FastAPI.
#
# Prints JSON lines: {"case", figures of both, "ratio", "want", "holds"}. Everything is measured in turns
# in one run: server on one core, wrk on another; medians of ROUNDS turns of EACH seconds.
#
#	ROUNDS=5 EACH=2 SWITCHES=60 REQUESTS=10000000 MODELS=1000 sh serve.sh [CASE...]
#
# Cases: nginx batch peers switch memory load. The model: 100 trees of depth 6 on 28 numbers.
set -e
here=$(cd "$(dirname "$0")" && pwd)
top=${here%/tests/bench}
build=${MICH_BUILD:-$top/build}
PATH=$build:$PATH
cases=${*:-nginx batch peers switch memory load}
ROUNDS=${ROUNDS:-5} EACH=${EACH:-2} SWITCHES=${SWITCHES:-60} REQUESTS=${REQUESTS:-10000000}
MODELS=${MODELS:-1000}
for tool in wrk nginx curl perl; do
	command -v $tool >/dev/null || { echo "serve.sh: $tool is not installed" >&2; exit 0; }
done
[ -x "$build/mich-serve" ] || { echo 'serve.sh: this mich has no server' >&2; exit 0; }
mich help --names | grep -qx serve || exit 0

work=$(mktemp -d)
pids=''
end() {
	for p in $pids; do kill "$p" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM
export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com

server_core='' client_core=''
if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
	server_core='taskset -c 0' client_core='taskset -c 1'
fi

free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# The model and the bodies of requests, all of chance that is the same every time.
make_model() {
	mkdir "$work/repo" && cd "$work/repo"
	perl -e '
		srand 1;
		sub g { sqrt(-2 * log(1 - rand)) * cos(6.2831853 * rand) }
		print join(",", map("c$_", 0 .. 27), "y"), "\n";
		for (1 .. 20000) {
			my @x = map { sprintf "%.5f", g() } 1 .. 28;
			printf "%s,%.5f\n", join(",", @x), 2 * $x[0] + sin(3 * $x[1]) + $x[2] * $x[3] + 0.3 * g();
		}' >rows.csv
	cat >Michfile <<-'END'
		[dataset "rows"]
			source = rows.csv
			label = y
		[model "forest"]
			dataset = rows
			learner = xgboost
			param = rounds=100
			param = max_depth=6
	END
	git init -q . && git add -A && git commit -q -m rows
	mich init >/dev/null 2>&1
	mich build >/dev/null 2>&1
	mich export forest "$work/model" >/dev/null
	cd "$work"
	perl -MJSON::PP -e '
		srand 2;
		my @row = map { 0 + sprintf "%.6f", rand(4) - 2 } 1 .. 28;
		sub put { open my $f, ">", $_[0] or die; binmode $f; print $f $_[1]; close $f }
		put("one", encode_json({ inputs => [{ name => "x", shape => [1, 28], datatype => "FP32", data => \@row }] }));
		put("rows", encode_json({ inputs => [\@row] }));
		put("split", encode_json({ dataframe_split => { columns => [map "c$_", 0 .. 27], data => [\@row] } }));
		my $head = encode_json({ inputs => [{ name => "x", shape => [100, 28], datatype => "FP32",
			parameters => { binary_data_size => 11200 } }],
			outputs => [{ name => "prediction", parameters => { binary_data => JSON::PP::true } }] });
		put("hundred", $head . pack("f<*", map { rand(4) - 2 } 1 .. 2800));
		put("head", length $head);'
}

# start_mich MODEL...: $mich is its address, $mich_pid its process.
start_mich() {
	rm -f "$work/port"
	(cd "$work/repo" && exec $server_core mich serve --workers 1 --listen 127.0.0.1:0 \
		--port-file "$work/port" "$@" 2>"$work/serve.log") &
	mich_pid=$!
	pids="$pids $mich_pid"
	for _ in $(seq 600); do
		[ -s "$work/port" ] && break
		kill -0 $mich_pid 2>/dev/null || { cat "$work/serve.log" >&2; exit 1; }
		sleep 0.05
	done
	mich=http://127.0.0.1:$(cat "$work/port")
}

stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# await URL [CURL OPTION...]
await() {
	for _ in $(seq 600); do
		curl -sf -o /dev/null "$@" && return 0
		sleep 0.1
	done
	echo "serve.sh: $1 does not answer" >&2
	exit 1
}

# nginx says the bytes that mich would.
start_nginx() {
	nginx_port=$(free_port)
	answer=$(curl -s "$mich/v2/models/forest/infer" -d @"$work/one")
	mkdir -p "$work/nginx"
	cat >"$work/nginx.conf" <<-END
		daemon off; master_process off; pid $work/nginx/pid; error_log stderr crit;
		events { worker_connections 4096; }
		http {
			access_log off; keepalive_requests 1000000000; client_max_body_size 64m;
			client_body_temp_path $work/nginx/a; proxy_temp_path $work/nginx/b; fastcgi_temp_path $work/nginx/c;
			uwsgi_temp_path $work/nginx/d; scgi_temp_path $work/nginx/e;
			server { listen 127.0.0.1:$nginx_port; location / { default_type application/json; return 200 '$answer'; } }
		}
	END
	$server_core nginx -p "$work/nginx" -c "$work/nginx.conf" 2>"$work/nginx.log" &
	nginx_pid=$!
	pids="$pids $nginx_pid"
	nginx=http://127.0.0.1:$nginx_port
	await "$nginx/"
}

# ask FILE CONNECTIONS SECONDS URL: one line of wrk's figures onto FILE.
ask() {
	$client_core wrk -t1 -c"$2" -d"$3" -s "$here/serve/post.lua" "$4" | tail -n 1 >>"$work/$1"
}

# figures CASE PERL FILE...: PERL makes a hash of %m, medians of each FILE's lines (and m{FILE}{...}).
figures() {
	perl -MJSON::PP -e '
		my ($case, $code, @files) = @ARGV;
		our %m;
		sub median { my @v = sort { $a <=> $b } @_; $v[@v / 2] }
		for my $f (@files) {
			open my $in, "<", "$ENV{WORK}/$f" or next;
			my @rows = map decode_json($_), <$in>;
			next unless @rows;
			$m{$f}{rps} = int median(map $_->{requests} / $_->{seconds}, @rows);
			$m{$f}{p99} = median(map $_->{p99_us}, @rows);
			$m{$f}{failed} = 0;
			$m{$f}{failed} += $_->{failed} for @rows;
			$m{$f}{all} = \@rows;
		}
		sub rate { $_[0]{requests} / $_[0]{seconds} }
		# of each turn, then the middle one: what else the machine does then falls on both
		sub ratio { my ($x, $y, $of) = @_; $of ||= \&rate;
			my @r = map { my $d = $of->($m{$y}{all}[$_]); $d ? $of->($m{$x}{all}[$_]) / $d : 0 } 0 .. $#{ $m{$x}{all} };
			sprintf("%.2f", median(@r)) + 0 }
		sub p99 { $_[0]{p99_us} }
		sub yes { $_[0] ? JSON::PP::true : JSON::PP::false }
		my %out = eval "($code)"; die $@ if $@;
		print JSON::PP->new->canonical->encode({ case => $case, %out }), "\n";' "$@"
}

bench_nginx() {
	start_mich forest
	start_nginx
	rm -f "$work"/n64 "$work"/m64 "$work"/m256
	export BODY="$work/one" TYPE=application/json
	for _ in $(seq "$ROUNDS"); do
		ask n64 64 "$EACH" "$nginx/"
		ask m64 64 "$EACH" "$mich/v2/models/forest/infer"
		ask m256 256 "$EACH" "$mich/v2/models/forest/infer"
	done
	figures 'one row, 64 connections, nginx constant' 'mich_rps => $m{m64}{rps}, nginx_rps => $m{n64}{rps},
		mich_p99_us => $m{m64}{p99}, nginx_p99_us => $m{n64}{p99}, ratio => ratio("m64", "n64"),
		p99_ratio => ratio("m64", "n64", \&p99), failed => $m{m64}{failed}, want => "ratio >= 0.6, p99_ratio <= 2",
		holds => yes(ratio("m64", "n64") >= 0.6 && ratio("m64", "n64", \&p99) <= 2 && !$m{m64}{failed})' n64 m64
	figures 'one row, 256 beside 64 connections' 'rps_256 => $m{m256}{rps}, rps_64 => $m{m64}{rps},
		ratio => ratio("m256", "m64"), failed => $m{m256}{failed}, want => "ratio >= 0.9",
		holds => yes(ratio("m256", "m64") >= 0.9 && !$m{m256}{failed})' m64 m256
	stop $nginx_pid
	stop $mich_pid
}

bench_batch() {
	start_mich forest
	rm -f "$work/hundreds"
	for _ in $(seq "$ROUNDS"); do
		BODY="$work/hundred" HEAD=$(cat "$work/head") TYPE=application/octet-stream \
			ask hundreds 16 "$EACH" "$mich/v2/models/forest/infer"
	done
	figures '100 rows, binary, one worker' 'predictions_s => 100 * $m{hundreds}{rps}, p99_us => $m{hundreds}{p99},
		failed => $m{hundreds}{failed}, ratio => sprintf("%.2f", $m{hundreds}{rps} / 2500) + 0, want => "250000 predictions/s",
		holds => yes($m{hundreds}{rps} >= 2500 && !$m{hundreds}{failed})' hundreds
	stop $mich_pid
}

# A Python of the bench's own; without it, no peers.
peers_python() {
	python=$build/venv-serve/bin/python
	[ -e "$build/venv-serve/done" ] && return 0
	rm -rf "$build/venv-serve"
	HOME=$work python3 -m venv "$build/venv-serve" >"$work/venv.log" 2>&1 &&
		HOME=$work "$python" -m pip install -q --disable-pip-version-check \
			-r "$here/serve/requirements.txt" >>"$work/venv.log" 2>&1 &&
		touch "$build/venv-serve/done"
}

bench_peers() {
	peers_python || {
		echo 'serve.sh: MLflow and FastAPI could not be installed, so nothing is compared with them' >&2
		return 0
	}
	rm -rf "$work/mlflow" "$work"/m-split "$work"/m-rows "$work"/mlflow-split "$work"/fastapi-rows
	"$python" "$here/serve/save_mlflow.py" "$work/model/model.ubj" "$work/mlflow" >"$work/save.log" 2>&1 ||
		{ cat "$work/save.log" >&2; exit 1; }
	mlflow_port=$(free_port)
	(cd "$work" && __pyfunc_model_path__=$work/mlflow OMP_NUM_THREADS=1 exec $server_core "$python" -m uvicorn \
		--port "$mlflow_port" --log-level warning --no-access-log mlflow.pyfunc.scoring_server.app:app >mlflow.log 2>&1) &
	mlflow_pid=$!
	fastapi_port=$(free_port)
	(cd "$here/serve" && MODEL=$work/model/model.ubj OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 exec $server_core \
		"$python" -m uvicorn --port "$fastapi_port" --log-level warning --no-access-log peer:app >"$work/fastapi.log" 2>&1) &
	fastapi_pid=$!
	pids="$pids $mlflow_pid $fastapi_pid"
	start_mich forest
	await "http://127.0.0.1:$mlflow_port/ping"
	await "http://127.0.0.1:$fastapi_port/predict" -H 'content-type: application/json' -d @"$work/rows"
	export TYPE=application/json
	for _ in $(seq "$ROUNDS"); do
		BODY=$work/split ask mlflow-split 64 "$EACH" "http://127.0.0.1:$mlflow_port/invocations"
		BODY=$work/split ask m-split 64 "$EACH" "$mich/invocations"
		BODY=$work/rows ask fastapi-rows 64 "$EACH" "http://127.0.0.1:$fastapi_port/predict"
		BODY=$work/rows ask m-rows 64 "$EACH" "$mich/invocations"
	done
	for peer in mlflow-split fastapi-rows; do
		PEER=$peer OF=m-${peer#*-}
		export PEER OF
		figures "one row, beside ${peer%-*}" '
			mich_rps => $m{$ENV{OF}}{rps}, peer_rps => $m{$ENV{PEER}}{rps}, ratio => ratio($ENV{OF}, $ENV{PEER}),
			mich_p99_us => $m{$ENV{OF}}{p99}, peer_p99_us => $m{$ENV{PEER}}{p99}, failed => $m{$ENV{OF}}{failed}, want => "ratio >= 20",
			holds => yes(ratio($ENV{OF}, $ENV{PEER}) >= 20 && !$m{$ENV{OF}}{failed})' "$OF" "$PEER"
	done
	stop $mlflow_pid
	stop $fastapi_pid
	stop $mich_pid
}

# Release both, so that promotions and roll-backs switch between them.
release_two() {
	cd "$work/repo"
	mich import model/a "$work/model/model.ubj" --contract "$work/model/model.json" >/dev/null 2>&1
	mich import model/a "$work/model/model.ubj" --contract "$work/model/model.json" --rounds 99 >/dev/null 2>&1
	for n in 1 2; do
		mich promote a@$n --as maps/forest --to production --force 'a measurement' >/dev/null
	done
	cd "$work"
}

# promote N TIMES: a switch a second. Whoever promotes is another machine's user: here it yields to wrk.
promote() {
	cd "$work/repo"
	n=$1
	while [ "$n" -lt $(($1 + $2)) ]; do
		sleep 1
		$client_core nice -n 19 mich promote "a@$((n % 2 + 1))" --force "switch $n" >/dev/null
		n=$((n + 1))
	done
}

# Quiet and switching in turns of ten seconds.
bench_switch() {
	release_two 2>"$work/release.log" || { cat "$work/release.log" >&2; exit 1; }
	start_mich maps/forest
	export BODY="$work/one" TYPE=application/json
	rm -f "$work/quiet" "$work/switched"
	turn=0
	while [ $((turn * 10)) -lt "$SWITCHES" ]; do
		ask quiet 64 10 "$mich/v2/models/forest/infer"
		(promote $((turn * 10)) 10 2>"$work/switch.log") &
		switcher=$!
		ask switched 64 12 "$mich/v2/models/forest/infer"
		wait $switcher || { cat "$work/switch.log" >&2; exit 1; }
		turn=$((turn + 1))
	done
	SEEN=$(grep -c 'answers in place of' "$work/serve.log" || true)
	export SEEN
	figures "a hot switch every second" 'rps => $m{switched}{rps}, quiet_rps => $m{quiet}{rps},
		switches => $ENV{SEEN} + 0, failed => $m{switched}{failed}, p99_us => $m{switched}{p99}, quiet_p99_us => $m{quiet}{p99},
		ratio => ratio("switched", "quiet", \&p99), want => "failed 0, ratio <= 2",
		holds => yes(!$m{switched}{failed} && ratio("switched", "quiet", \&p99) <= 2)' quiet switched
	stop $mich_pid
}

rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

bench_memory() {
	start_mich forest
	export BODY="$work/one" TYPE=application/json
	rm -f "$work/many"
	asked=0 first=''
	while [ "$asked" -lt "$REQUESTS" ]; do
		ask many 64 10 "$mich/v2/models/forest/infer"
		[ -n "$first" ] || first=$(rss $mich_pid)
		asked=$(perl -MJSON::PP -ne '$n += decode_json($_)->{requests}; END { print $n }' "$work/many")
	done
	last=$(rss $mich_pid)
	export first last asked
	figures 'memory over many requests' 'requests => $ENV{asked} + 0, kib_first => $ENV{first} + 0, kib_last => $ENV{last} + 0,
		failed => $m{many}{failed}, ratio => sprintf("%.3f", $ENV{last} / $ENV{first}) + 0, want => "ratio <= 1.05",
		holds => yes($ENV{last} <= 1.05 * $ENV{first} && !$m{many}{failed})' many
	stop $mich_pid
}

# Models of 1 MB, each under its own name; of another number of rounds each, so that no two are alike.
bench_load() {
	cd "$work/repo"
	cat >>Michfile <<-'END'
		[model "large"]
			dataset = rows
			learner = xgboost
			param = rounds=240
			param = max_depth=6
	END
	mich train large >/dev/null 2>&1
	mich export large "$work/large" >/dev/null
	bytes=$(wc -c <"$work/large/model.ubj")
	names=''
	for n in $(seq "$MODELS"); do
		mich import "model/m$n" "$work/large/model.ubj" --contract "$work/large/model.json" \
			--rounds $((240 - n % 3)) >/dev/null 2>&1
		names="$names model/m$n@1"
	done
	cd "$work"
	server_core=''
	begun=$(date +%s%N)
	# shellcheck disable=SC2086
	start_mich $names
	await "$mich/v2/health/ready"
	ms=$((($(date +%s%N) - begun) / 1000000))
	kib=$(rss $mich_pid)
	cpu=$(awk -v hz="$(getconf CLK_TCK)" '{ printf "%.2f", ($14 + $15) / hz }' "/proc/$mich_pid/stat")
	stop $mich_pid
	printf '{"case":"%d models of %d bytes, from start to ready","seconds":%s,"cpu_s":%s,"kib":%d,"want":"1000 of 1 MB in 5 s","holds":%s}\n' \
		"$MODELS" "$bytes" "$(awk -v ms=$ms 'BEGIN { printf "%.2f", ms / 1000 }')" "$cpu" "$kib" \
		"$([ $ms -lt 5000 ] && echo true || echo false)"
}

WORK=$work
export WORK
make_model
for case in $cases; do
	"bench_$case"
done
