#!/bin/sh
# isolation.t - a step cannot reach what is stored, nor the network where it may not.
. "${0%/*}/../lib/tap.sh"
. "${0%/*}/../lib/steps.sh"

# The stored bytes are what they were.
untouched() {
	mich fsck --full
	mich export dataset/d there
	cat there/*/*.txt | sort >got
	cat raw/*.txt | same got -
}

it 'an input cannot be changed, by any name and any trick' '
	steps_repo <<-\E
		find "$MICH_IN_DATASET" -name "*.txt" >files
		[ "$(wc -l <files)" = 8 ]
		while read -r f; do
			(echo evil >"$f") 2>/dev/null
			(echo evil >>"$f") 2>/dev/null
			chmod u+w "$f" 2>/dev/null && echo evil >"$f"
			rm -f hard soft
			ln "$f" hard 2>/dev/null && chmod u+w hard && echo evil >hard
			ln -s "$f" soft && (echo evil >soft) 2>/dev/null
			cp "$f" mine && chmod u+w mine && echo fine >mine
			exec 3<"$f" && (echo evil >/proc/self/fd/3) 2>/dev/null
			mv "$f" "$f.gone" 2>/dev/null
			rm -f "$f" 2>/dev/null
		done <files
		f=$(head -n 1 files)
		mount -o remount,rw,bind "$(dirname "$f")" 2>/dev/null
		umount "$MICH_IN_DATASET" 2>/dev/null
		umount "${MICH_IN_DATASET%/*}" 2>/dev/null
		(echo evil >"$f") 2>/dev/null
		echo done >"$MICH_OUT/done"
	E
	mich train m
	mich cat model/m:files/done >done
	untouched'

it 'nor a source, which is the same bytes as what is stored' '
	steps_repo <<-\E
		for f in "$MICH_IN_RAW"/*.txt; do
			chmod u+w "$f" 2>/dev/null
			(echo evil >"$f") 2>/dev/null
		done
		cp -r "$MICH_IN_RAW" "$MICH_OUT/rows"
	E
	cp -r raw kept
	printf "[dataset \"c\"]\n\tsource = raw\n\tcommand = sh step.sh\n" >>Michfile
	mich dataset build c
	mich dataset build c --set inputs=copy --set seed=2
	diff -r raw kept
	untouched'

it 'neither by the place where they are stored' '
	mich doctor | grep -q "bind mounts *yes" || skip "no bind mounts here: a program of ours can do what we can"
	steps_repo <<-\E
		mich=${MICH_OUT%/runs/*}
		git=${mich%/mich}
		for f in $(find "$mich/blobs" "$git/lfs" -type f); do
			chmod u+w "$f" && echo evil >"$f"
			rm -f "$f"
		done 2>/dev/null
		echo done >"$MICH_OUT/done"
	E
	head -c 100000 /dev/zero >raw/1.txt
	mich dataset build d
	find .git/mich/blobs -type f | xargs sha256sum >before
	find .git/lfs -type f | xargs sha256sum >>before
	[ -s before ]
	mich train m
	mich cat model/m:manifest.json >json
	grep -q "\"inputs\":\"bind\"" json || skip "no mount namespace here"
	sha256sum -c before
	mich fsck --full'

it 'inputs = copy gives files to write on, and what is stored stays' '
	steps_repo "inputs = copy" <<-\E
		for f in "$MICH_IN_DATASET"/*/*.txt; do echo changed >>"$f"; done
		cat "$MICH_IN_DATASET"/*/*.txt >"$MICH_OUT/all"
	E
	mich train m
	mich cat model/m:files/all >all
	has all changed
	untouched'

it 'a user without any right is held as well' '
	[ "$(id -u)" = 0 ] || skip "not root"
	steps_repo <<-\E
		f=$(find "$MICH_IN_DATASET" -name "*.txt" | head -n 1)
		chmod u+w "$f" 2>/dev/null
		(echo evil >"$f") 2>/dev/null
		mv "$f" "$f.gone" 2>/dev/null
		id -u >"$MICH_OUT/uid"
	E
	chmod 755 "$TAP_TMP"
	chown -R 65534:65534 .
	setpriv --reuid 65534 --regid 65534 --clear-groups mich train m 2>err || {
		grep -q "Permission denied" err && skip "the build folder is not open to others"
		cat err
		exit 1
	}
	chown -R 0:0 .
	mich cat model/m:files/uid >uid
	echo 65534 | same uid -
	untouched'

it 'network = no: lo works, nothing else is there' '
	steps_repo "network = no" <<-\E
		tail -n +2 /proc/net/route | wc -l >"$MICH_OUT/routes"
		tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " " >"$MICH_OUT/devices"
		perl -MIO::Socket::INET -e "
			my \$s = IO::Socket::INET->new(Listen => 1, LocalAddr => q(127.0.0.1)) or die;
			IO::Socket::INET->new(PeerAddr => q(127.0.0.1), PeerPort => \$s->sockport) or die;
			IO::Socket::INET->new(PeerAddr => q(198.51.100.1), PeerPort => 80, Timeout => 3) and die;"
	E
	mich train m 2>err || {
		has err "network"
		skip "no network namespace here"
	}
	mich cat model/m:files/routes >routes
	echo 0 | same routes -
	mich cat model/m:manifest.json >json
	has json "\"network\":\"none\""
	sed -i "s/network = no/network = yes/" Michfile
	mich train m >ref
	echo model/m@1 | same ref -'

it 'the manifest says what held' '
	steps_repo <<-\E
		echo x >"$MICH_OUT/x"
	E
	mich train m
	mich cat model/m:manifest.json >json
	has json "\"network\":\"open\""
	has json "\"memory\":\"none\""
	grep -E "\"inputs\":\"(bind|none)\"" json'

it 'the run folder is gone when it ended' '
	steps_repo <<-\E
		mkdir -p a/b/c
		chmod 000 a
		echo x >"$MICH_OUT/x"
	E
	mich train m
	[ -z "$(ls -A .git/mich/runs)" ]'
