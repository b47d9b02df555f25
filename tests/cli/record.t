#!/bin/sh
# record.t - the record in every kind of repository, under every identity.
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"
count() { mich query --json 'SELECT count(*) AS n FROM version' | sed -n 's/.*"n": //p'; }

repo() {
	git init -q "$1"
	(
		cd "$1"
		mkdir lib
		echo 'print(1)' >train.py
		echo 'x = 1' >lib/a.py
		git add .
		git commit -qm first
		mich init
	)
	mkdir files
	echo data >files/small.csv
	head -c 100000 /dev/urandom >files/large.bin
}

it 'the tree, the parents, the trailers' '
	repo r
	cd r
	record-one dataset flights ../files >d
	record-one -i flights -c train.py,lib -s train.py model eta ../files >m
	id=$(sed "s/.* //" m)
	git log -1 --format=%B refs/mich/model/eta >log
	has log "model eta@1: good, test.rmse 17.25"
	has log "Mich-Id: $id"
	has log "Mich-Event: version"
	[ "$(git rev-parse refs/mich/model/eta:manifest.json)" = "$id" ]
	[ "$(git show refs/mich/model/eta:version)" = 1 ]
	git ls-tree -r --name-only refs/mich/model/eta >tree
	cat >want <<-END
	contents
	files/large.bin
	files/small.csv
	log
	manifest.json
	metrics.json
	sources.list
	sources/source/train.py
	version
	END
	same tree want
	content=$(git show refs/mich/model/eta:contents | sha256sum | cut -d" " -f1)
	git show refs/mich/model/eta:manifest.json >manifest
	has manifest "\"content\":\"$content\""
	git show refs/mich/model/eta:contents >contents
	has contents "644 $(sha256sum <../files/large.bin | cut -d" " -f1) 100000 large.bin"
	git show refs/mich/model/eta:files/large.bin >pointer
	has pointer "oid sha256:$(sha256sum <../files/large.bin | cut -d" " -f1)"
	git log -1 --format=%P refs/mich/model/eta >parents
	has parents "$(git rev-parse HEAD)"
	has parents "$(git rev-parse refs/mich/dataset/flights)"
	[ "$(wc -w <parents)" = 3 ]
	[ "$(git log --first-parent --format=%s refs/mich/model/eta | wc -l)" = 2 ]
	[ "$(git rev-parse "refs/mich/model/eta~1^{tree}")" = 4b825dc642cb6eb9a060e54bf8d69288fbee4904 ]
	git fsck --strict'

it 'the manifest is canonical, and dates and identity are the environment'\''s' '
	repo r
	cd r
	MICH_NOW=1700000000 record-one model eta ../files
	git show refs/mich/model/eta:manifest.json >m
	has m "\"started\":1700000000000"
	has m "\"user\":\"A U Thor <author@example.com>\""
	git log -1 --format="%an %ae %at %cn %ce %ct" refs/mich/model/eta >out
	echo "A U Thor author@example.com 1767323045 C O Mitter committer@example.com 1767323045" >want
	same out want
	unset GIT_AUTHOR_DATE
	MICH_NOW=1700000000 record-one event eta note hello
	[ "$(git log -1 --format=%at refs/mich/model/eta)" = 1700000000 ]'

it 'same run again at the same time: another id' '
	repo r
	cd r
	export MICH_NOW=1700000000
	record-one -n 1 model one ../files same >a
	record-one -n 1 model one ../files same >b
	same a b
	record-one -a model one ../files same
	record-one -a model one ../files same
	mich fsck
	[ "$(count)" -ge 1 ]
	git fsck --strict'

it 'git config gives the name; without any, it is user@host' '
	unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	git init -q r
	mkdir files
	echo 1 >files/a
	cd r
	mich init
	record-one model eta ../files
	git log -1 --format="%ae" refs/mich/model/eta >out
	has out "$(id -un)@"
	git config user.name "Con Fig"
	git config user.email con@fig
	record-one model eta ../files two
	[ "$(git log -1 --format="%an <%ae>" refs/mich/model/eta)" = "Con Fig <con@fig>" ]
	git fsck --strict'

it 'odd file names, links, programs, empty files' '
	repo r
	cd r
	mkdir -p "../odd/a b" "../odd/n"
	echo 1 >"../odd/a b/$(printf "tab\there")"
	echo 2 >"../odd/$(printf "n\303\244he")"
	: >../odd/empty
	printf "#!/bin/sh\n" >../odd/run
	version=$(printf "version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 3\n" 0)
	echo "$version" >../odd/pointer-like
	record-one dataset odd ../odd
	git fsck --strict
	mich fsck --full >out
	[ ! -s out ]
	git show refs/mich/dataset/odd:contents >c
	has c "\"a b/tab\\there\""
	has c "\"n\\303\\244he\""
	git show refs/mich/dataset/odd:files/pointer-like >p
	has p "size $(wc -c <../odd/pointer-like)"
	mkdir ../git
	mkdir ../git/.git
	echo 1 >../git/.git/x
	code 128 record-one dataset bad ../git 2>err
	has err "git refuses the name"'

it 'dirty code is a commit that no branch points to' '
	repo r
	cd r
	echo "print(2)" >train.py
	echo new >lib/new.py
	echo lib/ignored >.gitignore
	echo no >lib/ignored
	git add -N lib/new.py
	cp .git/index before
	record-one -c train.py,lib model eta ../files
	cmp .git/index before
	git log -1 --format=%P refs/mich/model/eta | tr " " "\n" >parents
	snap=$(sed -n 2p parents)
	[ "$snap" != "$(git rev-parse HEAD)" ]
	[ "$(git rev-parse "$snap^")" = "$(git rev-parse HEAD)" ]
	[ "$(git show "$snap:train.py")" = "print(2)" ]
	git ls-tree -r --name-only "$snap" >tree
	has tree lib/new.py
	code 1 grep -q ignored tree
	[ -z "$(git branch --contains "$snap")" ]
	git gc -q --prune=now
	git fsck --strict
	mich query --json "SELECT dirty FROM version" >out
	has out "\"dirty\": 1"
	git add -A
	git commit -qm second
	record-one -c train.py,lib model eta ../files two
	mich query --json "SELECT dirty FROM version WHERE number = 2" >out
	has out "\"dirty\": 0"'

it 'line ends, and files that git-lfs holds, are as git sees them' '
	git lfs version >v || skip "no git-lfs"
	export HOME=$PWD
	git lfs install --skip-repo >v
	repo r
	cd r
	printf "*.txt text eol=crlf\n*.big filter=lfs diff=lfs merge=lfs -text\n" >.gitattributes
	printf "a\r\nb\r\n" >code.txt
	head -c 5000 /dev/urandom >w.big
	git add .
	git commit -qm attributes
	touch -d "1 minute ago" code.txt w.big
	record-one -c code.txt,w.big model eta ../files
	mich query --json "SELECT dirty FROM version" >out
	has out "\"dirty\": 0"
	echo more >>w.big
	record-one -c code.txt,w.big model eta ../files two
	mich query --json "SELECT dirty FROM version WHERE number = 2" >out
	has out "\"dirty\": 1"'

it 'a filter of the user'\''s own is run as git runs it' '
	repo r
	cd r
	git config filter.up.clean "tr a-z A-Z"
	echo "*.up filter=up" >.gitattributes
	echo hello >x.up
	git add .
	git commit -qm filter
	[ "$(git show HEAD:x.up)" = HELLO ]
	touch -d "1 minute ago" x.up
	record-one -c x.up model eta ../files
	mich query --json "SELECT dirty FROM version" >out
	has out "\"dirty\": 0"'

it 'in a linked work tree: the same record, its own HEAD' '
	repo r
	cd r
	record-one model eta ../files
	git worktree add -q ../linked
	cd ../linked
	echo "print(3)" >train.py
	git commit -qam linked
	mich fsck
	record-one -c train.py model eta ../files two
	git log -1 --format=%P refs/mich/model/eta >p
	has p "$(git rev-parse HEAD)"
	[ "$(count)" = 2 ]
	cd ../r
	[ "$(count)" = 2 ]
	[ ! -e .git/worktrees/linked/mich ]'

it 'in a submodule: its own record' '
	repo inner
	git init -q outer
	cd outer
	git -c protocol.file.allow=always submodule --quiet add ../inner sub
	cd sub
	mich init
	record-one -c train.py model eta ../../files
	[ -e ../.git/modules/sub/mich/index.db ]
	mich fsck
	[ "$(count)" = 1 ]'

it 'a bare repository is read, and not written' '
	repo r
	(cd r && record-one model eta ../files)
	git clone -q --bare r bare.git
	cd bare.git
	git fetch -q ../r "refs/mich/*:refs/mich/*"
	[ "$(count)" = 1 ]
	code 128 record-one model eta ../files 2>err
	has err "bare repository"'

it 'a read-only repository is read, whatever the state of its index' '
	[ "$(id -u)" = 0 ] && command -v unshare >/dev/null || skip "needs root to mount"
	unshare -m true 2>/dev/null || skip "no mount namespaces"
	repo r
	(cd r && record-one -n 2 model eta ../files)
	cat >look <<-END
	set -e
	mount --bind r r
	mount -o remount,bind,ro r
	cd r
	! touch .git/mich/x 2>/dev/null
	mich query --json "SELECT count(*) AS n FROM version"
	mich fsck --full
	record-one model eta ../files 2>&1 || echo "exit \$?"
	END
	unshare -m sh look >out
	has out "\"n\": 2"
	has out "cannot write to"
	rm r/.git/mich/index.db*
	unshare -m sh look >out
	has out "\"n\": 2"
	(cd r && record-one -n 1 model eta ../files three && git pack-refs --all)
	unshare -m sh look >out
	has out "\"n\": 3"
	rm -rf r/.git/mich
	unshare -m sh look >out || true
	has out "\"n\": 3"'

it 'a depth-1 clone, and journals fetched with a depth' '
	repo r
	(cd r && echo 2 >b && git add b && git commit -qm second && record-one -n 4 -c train.py model eta ../files &&
		record-one event eta@4 note hello)
	git clone -q --depth 1 "file://$PWD/r" shallow
	cd shallow
	git fetch -q origin "refs/mich/*:refs/mich/*"
	[ "$(count)" = 4 ]
	mich fsck >out || true
	record-one -c train.py model eta ../files five >out
	has out "model/eta@5"
	git fsck --strict
	cd ..
	git clone -q --depth 1 "file://$PWD/r" cut
	cd cut
	git fetch -q --depth 2 origin "refs/mich/*:refs/mich/*"
	[ "$(count)" -ge 1 ]
	record-one -c train.py model eta ../files five >out
	has out "model/eta@5"
	cd ..
	git clone -q --depth 1 "file://$PWD/r" tip
	cd tip
	git fetch -q --depth 1 origin "refs/mich/*:refs/mich/*"
	[ "$(git log -1 --format=%s refs/mich/model/eta)" = "model eta@4: note: hello" ]
	mich show eta@4 >out
	mich fsck >out || true
	record-one -c train.py model eta ../files six >out
	has out "model/eta@5"
	git fsck --strict'

it 'an empty repository: no commit yet' '
	git init -q r
	mkdir files
	echo 1 >files/a
	cd r
	mich init
	echo 1 >train.py
	record-one -c train.py model eta ../files
	mich query --json "SELECT dirty FROM version" >out
	has out "\"dirty\": 1"
	git fsck --strict'

it 'sparse and partial clones, extensions, a custom lfs.storage' '
	repo r
	git -C r config uploadpack.allowFilter true
	git clone -q --filter=blob:none --sparse "file://$PWD/r" part
	cd part
	git config lfs.storage ../../elsewhere
	mich init
	record-one -c train.py model eta ../files
	mich query --json "SELECT dirty FROM version" >out
	has out "\"dirty\": 0"
	[ "$(find ../elsewhere/objects -type f | wc -l)" = 1 ]
	mich fsck --full'

it 'reftable and sha256 are refused by name' '
	git init -q r
	git -C r config core.repositoryformatversion 1
	git -C r config extensions.refStorage reftable
	code 128 mich init r 2>err
	has err reftable
	has err "git refs migrate"
	git init -q --object-format=sha256 s
	code 128 mich init s 2>err
	has err sha256'

it 'somebody else'\''s repository: what to type' '
	[ "$(id -u)" = 0 ] || skip "needs root to give a folder away"
	repo r
	chown -R 12345 r
	cd r
	code 128 mich query "SELECT 1" 2>err
	has err "belongs to somebody else"
	has err "git config --global --add safe.directory"
	export HOME=$PWD/../home
	mkdir "$HOME"
	git config --global safe.directory "*"
	mich query "SELECT 1"
	git config --global --add safe.directory "" # takes it back
	code 128 mich query "SELECT 1" 2>err
	printf "[safe]\n\tdirectory = *\n" >>.git/config # the repository has no say in it
	code 128 mich query "SELECT 1" 2>err
	eval "$(sed -n "s/.*\(git config --global --add safe.directory .*\)/\1/p" err)"
	mich query "SELECT 1"'

it 'the user'\''s files, index and branches are never touched' '
	repo r
	cd r
	echo changed >train.py
	echo other >lib/a.py
	git add lib/a.py
	git for-each-ref refs/heads refs/tags >before
	git status --porcelain >>before
	git diff >>before
	cp .git/index index-before
	record-one -n 2 -c train.py -s lib model eta ../files >/dev/null
	record-one event eta deprecated
	cmp .git/index index-before
	rm index-before
	git for-each-ref refs/heads refs/tags >after
	git status --porcelain >>after
	git diff >>after
	sed -i "/index-before$/d; /after$/d; /before$/d" before after
	same after before'

it 'eight writers at once lose nothing' '
	repo r
	cd r
	for w in 1 2 3 4 5 6 7 8; do
		record-one -n 20 model eta ../files "writer $w" >../out.$w 2>&1 &
	done
	wait
	cat ../out.* | sed "s/.*@//; s/ .*//" | sort -n >numbers
	seq 1 160 >want
	same numbers want
	[ "$(count)" = 160 ]
	git fsck --strict
	mich fsck --full >out
	[ ! -s out ]'

it 'writers beside git gc --prune=now, repack -ad and pack-refs lose nothing' '
	repo r
	cd r
	echo "print(2)" >train.py
	for w in 1 2 3 4; do
		record-one -n 12 -c train.py -s lib model eta ../files "writer $w" >../out.$w 2>&1 &
		pids="$pids $!"
	done
	while kill -0 $pids 2>/dev/null; do
		git gc -q --prune=now
		git repack -adq
		git pack-refs --all
		git prune --expire=now
	done >../git.out 2>&1
	wait
	cat ../out.* | sed "s/.*@//; s/ .*//" | sort -n >numbers
	seq 1 48 >want
	same numbers want
	git fsck --strict
	mich fsck --full >out
	[ ! -s out ]'

it 'two that make the same thing record it once' '
	repo r
	cd r
	for w in 1 2 3 4 5 6; do record-one model eta ../files same >../out.$w & done
	wait
	[ "$(count)" = 1 ]
	[ "$(sort -u ../out.* | wc -l)" = 1 ]'

it 'a journal that somebody holds: wait, say so, give up with 75' '
	repo r
	cd r
	record-one model eta ../files
	git config mich.lockTimeout 2s
	"${PYTHON:-python3}" - <<-END &
	import fcntl, os, struct, time
	fd = os.open(".git/mich/locks/model/eta", os.O_RDWR)
	fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
	open("held", "w").close()
	time.sleep(6)
	END
	until_true 60 [ -e held ]
	code 75 mich note eta@1 "a word" 2>err
	has err "waiting for model/eta"
	has err "is being written by another process"
	has err "mich.lockTimeout"
	[ "$(count)" = 1 ]
	wait
	record-one model eta ../files two'

it 'a lock of git that a killed command left is removed' '
	repo r
	cd r
	record-one model eta ../files
	touch -d "1 minute ago" .git/refs/mich/model/eta.lock
	record-one model eta ../files two
	[ "$(count)" = 2 ]'

it 'a full disk: an error, nothing half recorded' '
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip "needs root to mount"
	cat >fill <<-END
	set -e
	mkdir small files
	mount -t tmpfs -o size=3m none small
	git init -q small/r
	echo 1 >files/a
	cd small/r
	mich init
	record-one model eta ../../files
	head -c 4000000 /dev/urandom >../../files/big
	code=0
	record-one model eta ../../files two 2>err || code=\$?
	cat err
	echo "exit \$code"
	rm ../../files/big
	git fsck --strict
	mich fsck --full
	record-one model eta ../../files three
	mich query --json "SELECT count(*) AS n FROM version WHERE build = '\''good'\''"
	END
	unshare -m sh fill >out 2>&1 || { cat out; exit 1; }
	has out "No space left"
	has out "exit 128"
	has out "\"n\": 2"'
