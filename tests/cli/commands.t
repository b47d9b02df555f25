#!/bin/sh
# commands.t - what holds for every command: help, usage errors, its place in the table, its page.
. "${0%/*}/../lib/tap.sh"

commands=$(mich help --names)
[ -n "$commands" ] || exit 1

it 'commands.def is sorted and names every file in cmd/' '
	sed -n "s/^COMMAND(\(.*\))$/\1/p" "$TOP/cmd/commands.def" >def
	[ "$(wc -l <def)" = "$(grep -c . "$TOP/cmd/commands.def")" ]
	for f in $(grep -l "^const struct cmd cmd_" "$TOP"/cmd/*.c); do
		f=${f##*/}
		echo "${f%.c}" | tr - _
	done | sort >files
	same def files'

it 'mich alone prints the commands on stderr and exits 129' '
	code 129 mich >out 2>err
	[ ! -s out ]
	has err "usage: mich"
	has err "no command given"'

it 'mich help, -h and --help print the same' '
	mich help >a 2>err
	mich -h >b
	mich --help >c
	same a b
	same b c
	[ ! -s err ]'

it 'an unknown command gets the nearest one' '
	code 129 mich versoin >out 2>err
	[ ! -s out ]
	has err "is not a mich command"
	has err "did you mean"
	has err "mich version"'

it 'mich-NAME on the PATH is mich NAME' '
	mkdir bin
	printf "#!/bin/sh\necho hello \"\$@\"\n" >bin/mich-hello
	chmod +x bin/mich-hello
	PATH=$PWD/bin:$PATH mich hello a "b c" >out
	echo "hello a b c" | same out -'

it 'mich help shows the page of a command and of the Michfile, or what stands in for it' '
	mich help version >out
	grep -qiE "synopsis|usage:" out
	mich help Michfile >out
	has out learner
	mich help --scd dataset-build | grep -q "^\*mich dataset build\*"
	mich dataset -h | grep -q "dataset build"
	code 129 mich dataset biuld 2>err
	has err "mich dataset build"'

it 'a full disk is an error, a reader that left is not' '
	[ -w /dev/full ] || skip "no /dev/full"
	code 128 mich help >/dev/full 2>err
	has err "No space left"
	mich help --all | head -n 1 >/dev/null'

it 'runs as if started in -C DIR' '
	code 128 mich -C nowhere version 2>err
	has err "nowhere"'

while read -r c <&3; do
	it "$c --help fits 100 columns, on stdout only" "
		mich $c --help >out 2>err
		[ ! -s err ]
		head -n 1 out | grep -q \"^usage: mich $c\"
		! grep -E '.{101}' out"
	it "$c refuses an unknown option on stderr only" "
		code 129 mich $c --no-such-option >out 2>err
		[ ! -s out ]
		has err \"unknown option '--no-such-option'\"
		[ \"\$(wc -l <err)\" -le 2 ]"
	page=$TOP/man/mich-$(echo "$c" | tr ' ' -).1.scd
	it "$c has a manual page with examples" "
		[ -f \"$page\" ]
		grep -q '^# EXAMPLES' \"$page\"
		grep -q '^\\\$ mich $c' \"$page\"
		grep -q '^@synopsis@' \"$page\"
		grep -q '^@options@' \"$page\""
done 3<<END
$commands
END
