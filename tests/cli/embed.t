#!/bin/sh
# embed.t - libmich-score: a program that links nothing else of mich gives the same bits.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1
(cd repo && mich export model/eta@2 ../eta >/dev/null) || exit 1

# The libraries of this build, under its own sanitizers.
nm "$BUILD/libmich-score.so" 2>/dev/null | grep -q __asan_init && san="-fsanitize=address,undefined"
nm "$BUILD/libmich-score.so" 2>/dev/null | grep -q __tsan_init && san="-fsanitize=thread"
make -s -C "$TOP" B="$BUILD" SANITIZE="${san:-}" DESTDIR="$SHARED/root" PREFIX=/usr install-score >make.log 2>&1 ||
	{ cat make.log; exit 1; }
export PKG_CONFIG_PATH="$SHARED/root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$SHARED/root"
# shellcheck disable=SC2046,SC2086
cc -std=gnu11 -O1 ${san:-} -Wall -Wextra -Werror -o shared $(pkg-config --cflags mich-score) \
	"$TESTS/embed/score.c" $(pkg-config --libs mich-score) -pthread || exit 1
# shellcheck disable=SC2046,SC2086
cc -std=gnu11 -O1 ${san:-} -o static $(pkg-config --cflags mich-score) "$TESTS/embed/score.c" \
	root/usr/lib/libmich-score.a -ljansson -lm -pthread || exit 1
export LD_LIBRARY_PATH="$SHARED/root/usr/lib"

awk -F, 'NR > 1 { printf "{\"carrier\":\"%s\",\"hour\":%s,\"distance\":%s,\"dep_delay\":%s}\n", $1, $2, $3, $4 }' \
	repo/data/flights.csv >rows.jsonl

it 'shared and static library give the bits of mich predict' '
	(cd "$SHARED/repo" && mich predict eta --format jsonl <../rows.jsonl) >want
	[ "$(wc -l <want)" = 600 ]
	"$SHARED/shared" "$SHARED/eta" <"$SHARED/rows.jsonl" >got; same got want
	"$SHARED/static" "$SHARED/eta" --threads 4 <"$SHARED/rows.jsonl" >got; same got want'

it 'a model of partitions, and an ensemble with one as a member' '
	cp -r "$SHARED/repo" r
	cat >>r/Michfile <<-E
	[model "parts"]
		dataset = flights
		feature = dep_delay, distance, hour
		partition = carrier
		partition-min-rows = 20
		learner = xgboost
		param = rounds=5
	[model "both"]
		dataset = flights
		members = parts, eta
	E
	(cd r; mich build model/both; for m in parts both; do mich export $m ../$m; done) >log 2>&1 || { cat log; false; }
	printf "{\"carrier\":null,\"hour\":7,\"distance\":500,\"dep_delay\":1}\n" | cat "$SHARED/rows.jsonl" - >rows
	for m in parts both; do
		(cd r; mich predict $m --format jsonl <../rows) >want 2>/dev/null
		"$SHARED/shared" $m --threads 4 <rows >got; same got want
		"$SHARED/static" $m <rows >got; same got want
	done
	[ "$(jq -s ".[-1].prediction" want)" != "$(jq -s ".[-2].prediction" want)" ]
	rm -r both/parts/parent
	code 2 "$SHARED/shared" both <rows 2>err; has err "parent"'

it 'it needs no library of mich, and shows no name of it but its own' '
	ldd "$SHARED/shared" >libs
	code 1 grep -E "git2|sqlite|crypto|duckdb|xgboost|libmich\.so" libs
	nm -D --defined-only "$SHARED/root/usr/lib/libmich-score.so" | awk "\$2 == \"T\" { print \$3 }" | sed "/^__/d; /^_init/d; /^_fini/d" >names
	[ -s names ]
	code 1 grep -v "^mich_score_" names
	nm -g --defined-only "$SHARED/root/usr/lib/libmich-score.a" | awk "\$2 ~ /[TDBRV]/ { print \$3 }" >names
	code 1 grep -v "^mich_score_\|^__.san\|^__odr_asan" names'

it 'it says what the model takes and gives' '
	"$SHARED/shared" "$SHARED/eta" --list >got
	same got - <<-END
	in dep_delay int
	in distance int
	in hour int
	in carrier string
	out prediction double
	END'

it 'a bare XGBoost file scores by the names of its inputs' '
	"$SHARED/shared" "$SHARED/eta/model.ubj" --list >got
	[ "$(grep -c "^in .* double" got)" = 4 ]
	names=$(awk "\$1 == \"in\" { print \$2 }" got | tr "\n" " ")
	set -- $names
	echo "{\"$1\":3,\"$2\":900,\"$3\":9,\"$4\":0}" | "$SHARED/shared" "$SHARED/eta/model.ubj" >got
	[ "$(wc -l <got)" = 1 ]'

it 'what is wrong is said, not printed' '
	code 2 "$SHARED/shared" nowhere 2>err </dev/null
	has err nowhere
	mkdir cut; cp "$SHARED/eta/model.json" cut/; head -c 1000 "$SHARED/eta/model.ubj" >cut/model.ubj
	code 2 "$SHARED/shared" cut 2>err </dev/null
	has err "cannot open model"
	echo "{\"carrier\":\"AA\",\"hour\":\"x\",\"distance\":1,\"dep_delay\":2}" >bad
	code 1 "$SHARED/shared" "$SHARED/eta" <bad 2>err
	has err hour
	echo "{\"carrier\":\"AA\"" | code 1 "$SHARED/shared" "$SHARED/eta" 2>err
	[ "$(wc -l <err)" = 1 ]'

it 'the header is C++ too' '
	command -v c++ >/dev/null || skip "no c++"
	echo "#include <mich-score.h>
	int main() { mich_score_error e; return mich_score_open(\"x\", &e) != nullptr; }" >x.cc
	c++ -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags mich-score) x.cc'
