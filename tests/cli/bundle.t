#!/bin/sh
# bundle.t - mich-bundle: archives that try to leave their folder.
. "${0%/*}/../lib/tap.sh"

it 'unpacks what is well formed' '
	mkdir -p in/a/b; echo x >in/a/b/x.csv; echo "#!/bin/sh" >in/run; chmod +x in/run; ln -s a/b/x.csv in/link
	tar -C in -czf t.tar.gz .
	mich-bundle unpack t.tar.gz out
	cmp in/a/b/x.csv out/a/b/x.csv
	[ -x out/run ] && [ ! -x out/a/b/x.csv ]
	[ "$(readlink out/link)" = a/b/x.csv ]
	code 128 mich-bundle unpack t.tar.gz out 2>err
	has err "is in it twice"'

it 'refuses a path that leads out' '
	mkdir d; echo x >d/x
	tar -cf up.tar --transform "s,^d/x,../evil," d/x
	code 128 mich-bundle unpack up.tar out 2>err
	has err "leads out of the folder"
	tar -cPf abs.tar --transform "s,^d/x,/tmp/mich-evil," d/x
	code 128 mich-bundle unpack abs.tar out 2>err
	has err "is no relative path"
	tar -cf mid.tar --transform "s,^d/x,a/../../evil," d/x
	code 128 mich-bundle unpack mid.tar out 2>err
	[ ! -e evil ] && [ ! -e /tmp/mich-evil ]'

it 'refuses links that lead out, and paths through links' '
	ln -s /etc/passwd l1; tar -cf a.tar l1
	code 128 mich-bundle unpack a.tar out1 2>err
	has err "a link that leads out"
	ln -s ../x l2; tar -cf b.tar l2
	code 128 mich-bundle unpack b.tar out2 2>err
	has err "a link that leads out"
	mkdir -p p/a q/a; ln -s . p/a/l; echo x >q/f
	tar -cf c.tar -C p a/l
	tar -rf c.tar -C q --transform "s,^f,a/l/f," f
	code 128 mich-bundle unpack c.tar out3 2>err
	has err "passes through something that is no folder"
	echo x >one; ln one two; tar -cf d.tar one two
	code 128 mich-bundle unpack d.tar out4 2>err
	has err "hard link"
	mkfifo ff; tar -cf e.tar ff
	code 128 mich-bundle unpack e.tar out5 2>err
	has err "neither a file nor a folder"'

it 'holds the limits, and says when an archive is damaged' '
	mkdir d; for i in 1 2 3; do head -c 100000 /dev/zero >d/$i; done
	tar -czf t.tgz d
	code 128 mich-bundle unpack t.tgz out 150000 2>err
	has err "more than 150000 bytes"
	code 128 mich-bundle unpack t.tgz out2 1000000 2 2>err
	has err "more than 2 files"
	head -c 200 t.tgz >cut.tgz
	code 128 mich-bundle unpack cut.tgz out3 2>err
	echo hello >no.zip
	code 128 mich-bundle unpack no.zip out4 2>err
	code 128 mich-bundle unpack missing.zip out5 2>err
	code 129 mich-bundle unpack 2>err
	code 129 mich-bundle list x y 2>err
	code 129 mich-bundle unpack t.tgz out6 -5 2>err'
