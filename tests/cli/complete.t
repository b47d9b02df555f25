#!/bin/sh
# complete.t - mich complete, and each shell's completion in that shell.
. "${0%/*}/../lib/tap.sh"

it 'offers commands, with what they do' '
	mich complete -- "" >out
	grep -q "^help	list the commands" out
	mich complete -- ver >out
	printf "version\tprint the version of mich\n" | same out -'

it 'offers only what begins as typed' '
	mich complete -- version --js >out
	[ "$(wc -l <out)" = 1 ]
	grep -q "^--json	" out
	mich complete -- nosuch >out
	[ ! -s out ]'

it 'offers files, folders and commands where they belong' '
	[ "$(mich complete -- -C "")" = :dir ]
	mich complete -- help vers | grep -q "^version	"'

it 'offers what --set may override: keys of the section, parameters of its learner, their words' '
	git init -q .
	printf "[dataset \"d\"]\n\tsource = a.csv\n[model \"n\"]\n\tdataset = d\n\tlabel = y\n\tlearner = net\n" >Michfile
	printf "[model \"t\"]\n\tdataset = d\n\tlabel = y\n\tlearner = xgboost\n\tparam = max_depth=3\n" >>Michfile
	mich complete -- train n --set dro >out
	[ "$(cut -f1 out)" = "dropout=" ]
	mich complete -- train model/n --set norm= >out
	[ "$(cut -f1 out | tr "\n" " ")" = "norm=none norm=batch norm=layer " ]
	mich complete -- train t --set "" | cut -f1 >out
	has out max_depth=; has out rounds=; has out early_stopping_rounds=; has out determinism=
	code 1 grep -e dropout -e "^param=" -e split out
	[ "$(sort out | uniq -d)" = "" ]
	mich complete -- dataset build d --set spl >out
	[ "$(cut -f1 out)" = split= ]
	[ "$(mich complete -- train n --set determinism=w | cut -f1)" = determinism=world ]'

it 'never fails, whatever is typed' '
	mich complete
	mich complete -- -- --
	mich complete -- version --no-such=x -- a b c ""
	mich complete -- -C /nowhere version --'

# press KEYS SHELL...: type KEYS into an interactive shell on a terminal of its own.
press() {
	keys=$1
	shift
	printf '%b' "$keys" | TERM=xterm timeout 20 script -qec "$*" /dev/null >screen 2>&1 || true
	tr -d '\r' <screen >seen
	cat seen >&2
}

it 'bash completes' '
	command -v bash >/dev/null && script -qec true /dev/null >/dev/null 2>&1 || skip "no bash, or no script(1), or no terminal to give"
	mkdir -p "a folder"
	press ". $TOP/completions/mich.bash\nmich versi\t --js\t\nmich -C a\t versi\t\nexit\n" \
		"bash --norc --noprofile -i"
	has seen "\"version\":"
	has seen "mich version "'

it 'bash goes on behind the = of a setting' '
	command -v bash >/dev/null && script -qec true /dev/null >/dev/null 2>&1 || skip "no bash, or no script(1), or no terminal to give"
	git init -q .; printf "[dataset \"d\"]\n\tsource = a.csv\n[model \"n\"]\n\tdataset = d\n\tlabel = y\n\tlearner = net\n" >Michfile
	press ". $TOP/completions/mich.bash\nmich train n --set sched\tcos\t--js\t\nexit\n" \
		"bash --norc --noprofile -i"
	has seen "mich train n --set schedule=cosine --json"'

it 'zsh completes' '
	command -v zsh >/dev/null && script -qec true /dev/null >/dev/null 2>&1 || skip "no zsh, or no script(1), or no terminal to give"
	press "autoload -U compinit; compinit -u -D; . $TOP/completions/mich.zsh\nmich versi\t --js\t\nexit\n" \
		"zsh -f -i"
	has seen "\"version\":"'

it 'fish completes' '
	command -v fish >/dev/null || skip "no fish"
	mkdir -p home "a folder"
	HOME=$PWD/home fish -N -c ". $TOP/completions/mich.fish
		complete -C \"mich versi\"; complete -C \"mich version --js\"; complete -C \"mich -C a\"" >out
	has out "version	print the version of mich"
	has out "--json	"
	has out "folder/"'

mich help --names | grep -qx build || exit 0
it 'the fixture can be made' 'sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo"'

it 'offers names and revisions of the record and of the Michfile' '
	cd "$SHARED/repo"
	mich complete -- show "" >"$TAP_TMP/out"
	grep -q "^flights	dataset$" "$TAP_TMP/out"
	mich complete -- show model/e >"$TAP_TMP/out"
	grep -q "^model/eta	model$" "$TAP_TMP/out"
	mich complete -- show model/eta@ >"$TAP_TMP/out"
	grep -q "^model/eta@2	good" "$TAP_TMP/out"
	grep -q "^model/eta@latest	" "$TAP_TMP/out"
	mich complete -- train "" >"$TAP_TMP/out"
	grep -q "^eta	model$" "$TAP_TMP/out"
	code 1 grep -q flights "$TAP_TMP/out"'

it 'bash completes a revision behind its word breaks' '
	command -v bash >/dev/null && script -qec true /dev/null >/dev/null 2>&1 || skip "no bash, or no script(1), or no terminal to give"
	cd "$SHARED/repo"
	press ". $TOP/completions/mich.bash\nmich rev-parse model/eta@1\t\nexit\n" "bash --norc --noprofile -i"
	mich rev-parse model/eta@1 >want
	has seen "$(cat want)"
	rm -f want seen screen'
