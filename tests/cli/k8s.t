#!/bin/sh
# k8s.t - mich train --launch k8s: the JobSet that kubectl is given, and its life; kubectl is a stand-in.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/steps.sh"

mkdir "$SHARED/bin"
cp "$TESTS/lib/kubectl" "$TESTS/lib/until.sh" "$SHARED/bin/"
export PATH="$SHARED/bin:$PATH"

# repo LINE... <STEP: as steps_repo, its ranks in two pods
repo() {
	export KUBE=$PWD/kube
	mkdir "$KUBE"
	"$TESTS/lib/kubelet" >/dev/null 2>&1 &
	steps_repo "$@"
	git config mich.launch k8s
	git config mich.nodes 2
	git config mich.interface lo
	git config mich.k8s.image example.org/mich:1
	git config mich.k8s.volume "work:$PWD"
	git config mich.agent "$BUILD/mich"
}

it 'the JobSet is what Kubernetes wants of it' '
	repo "ranks = 4" "gpus = 2" "memory = 1G" "max-restarts = 2" "secret = TOKEN" <<-\E
	:
	E
	git config mich.k8s.context lab
	git config mich.k8s.namespace maps
	cat >pod.json <<-E
	{"nodeSelector": {"gpu": "h100"}, "securityContext": {"fsGroup": 7},
	 "containers": [{"name": "agent", "env": [{"name": "NCCL_DEBUG", "value": "WARN"}],
		"resources": {"limits": {"rdma/hca": 1}}, "securityContext": {"capabilities": {"add": ["IPC_LOCK"]}},
		"volumeMounts": [{"name": "memory", "mountPath": "/dev/shm", "readOnly": false}, {"name": "raw", "mountPath": "/raw"}]}],
	 "volumes": [{"name": "raw", "persistentVolumeClaim": {"claimName": "raw"}}]}
	E
	git config mich.k8s.pod "$PWD/pod.json"
	touch "$KUBE/refuses"
	TOKEN=hush code 128 mich train m 2>err
	has err "no matches for kind"
	jq -S . kube/applied | sed -E "s/mich-[0-9]{8}t[0-9]{6}-[0-9a-f]{8}/mich-RUN/; s,runs/[^/]*/,runs/RUN/,; s,$PWD,/DIR,; s,$BUILD,/BUILD,; s/\"[0-9a-f]{64}\"/\"TOKEN\"/; s/(\"runAs.*\": )[0-9]+/\10/" >manifest.json
	same manifest.json k8s.json
	has kube/asked "--context=lab --namespace=maps apply -f -"
	code 1 grep -r hush .git/mich kube/asked'

it 'ranks in two pods train, and the JobSet and its secret are deleted' '
	repo "ranks = 4" "secret = TOKEN" <<-\E
	echo "$RANK of $WORLD_SIZE, pod $GROUP_RANK of $GROUP_WORLD_SIZE, $TOKEN"
	echo $RANK >$MICH_OUT/$RANK
	E
	TOKEN=hush mich train m 2>err || { cat err; exit 1; }
	for r in 0 1 2 3; do has err "[r$r] $r of 4, pod $((r / 2)) of 2, ***"; done
	mich cat m:manifest.json | jq -ce "[.ranks, .isolation.inputs]" >facts
	same facts - <<-E
	[{"restarts":0,"world":4},"copy"]
	E
	grep -q "delete jobset/mich-.* secret/mich-" kube/asked
	[ ! -e kube/pods ]'

it 'a log that breaks off is read again, each line once' '
	repo "ranks = 2" <<-\E
	echo one; echo one
	touch "$MICH_OUT/../up.$RANK"
	timeout 120 sh -c "until [ -e $MICH_OUT/../go ]; do sleep 0.05; done" || exit 1
	echo two
	echo $RANK >$MICH_OUT/$RANK
	E
	echo "r0. one" >kube/breaks
	mich train m 2>err & pid=$!
	steps_ranks up 2
	until_true 60 [ ! -e kube/breaks ]
	until_true 60 eval "[ \$(grep -c -e --follow kube/asked) -ge 2 ]"
	for run in .git/mich/runs/*/; do touch "$run/go"; done
	wait $pid || { cat err; exit 1; }
	grep "^.r[01]. " err | sort >lines
	same lines - <<-E
	[r0] one
	[r0] one
	[r0] two
	[r1] one
	[r1] one
	[r1] two
	E
	grep -q -e "--since-time=2026-01-02T03:04:05.00000000" kube/asked'

it 'why pods do not begin is said, and after mich.wait they are taken back' '
	repo "ranks = 2" <<-\E
	:
	E
	cat >kube/stuck <<-\E
	{"items": [{"status": {"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}},
	 {"status": {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]}}]}
	E
	git config mich.wait 1s
	code 75 mich train m 2>err
	has err "waits: ImagePullBackOff: Back-off pulling image"
	has err "had no machines after 1.0 s: ImagePullBackOff"
	[ ! -e kube/pods ]'

it 'the rank that fails is named' '
	repo "ranks = 2" <<-\E
	[ $RANK = 0 ] || { echo "no such column" >&2; exit 5; }
	exec sleep 1000081
	E
	code 3 mich train m 2>err
	has err "model/m: rank 1 of 2 exited with code 5: no such column"
	steps_gone 1000081
	[ ! -e kube/pods ]'

it 'what is told to end, or killed, deletes the JobSet' '
	repo "ranks = 2" <<-\E
	touch "$MICH_OUT/../up.$RANK"
	exec sleep 1000081
	E
	for signal in TERM KILL; do
		mich train m 2>err & pid=$!
		steps_ranks up 2
		kill -$signal $pid || { cat err; false; }
		code $([ $signal = TERM ] && echo 143 || echo 137) wait $pid
		until_true 60 [ ! -e kube/pods ]
		steps_gone 1000081
		steps_swept
	done
	[ "$(steps_state m@1)" = aborted ]
	[ "$(steps_state m@2)" = aborted ]'

it 'refusals' '
	repo "ranks = 2" <<-\E
	:
	E
	git config --unset mich.k8s.image
	code 128 mich train m 2>err
	grep -q "needs the setting .mich.k8s.image" err
	git config mich.k8s.image x
	git config mich.k8s.volume work:/elsewhere
	code 128 mich train m 2>err
	has err "is not on the volume"
	has err "keep the repository below /elsewhere"
	git config mich.k8s.volume work
	code 128 mich train m 2>err
	has err "needs the setting"; has err "git config mich.k8s.volume CLAIM:/PATH"
	git config mich.k8s.volume "work:$PWD"
	git config mich.k8s.pod nowhere.json
	code 128 mich train m 2>err
	grep -q "the setting .mich.k8s.pod.: cannot read .nowhere.json.: No such file" err
	echo "[]" >pod.json
	git config mich.k8s.pod "$PWD/pod.json"
	code 128 mich train m 2>err
	has err "pod.json"; has err "is no JSON object"; has err "hint: it names a file such as"
	git config --unset mich.k8s.pod
	git config mich.wait soon
	code 128 mich train m 2>err
	has err "a time such as 90s, 2h or 7d"'
