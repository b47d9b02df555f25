#!/bin/sh
# release-fixture.sh DIR - a record that needs no engine: models eta@1 to eta@4 and slow@1, recorded by
# hand, all but eta@4 validated. Nothing is released.
set -e
mkdir -p "$1/files"
cd "$1"
head -c 100000 /dev/zero | tr '\0' w >files/weights
echo small >files/note
git init -q repo
cd repo
git commit -q --allow-empty -m first
mich init
record-one -n 4 model eta ../files >/dev/null
record-one model slow ../files other >/dev/null
for v in eta@1 eta@2 eta@3 slow@1; do record-one event "model/$v" validated; done
