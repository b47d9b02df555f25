#!/bin/sh
# ddp.t - an ordinary PyTorch DDP script, as torchrun would start it, trains unchanged with 1, 2, 4 ranks.
. "${0%/*}/../lib/tap.sh"

TORCH=$TOP/build/venv-torch/bin
"$TORCH/python3" -c 'import torch.distributed as d; assert d.is_gloo_available()' 2>/dev/null ||
	skip_all 'no PyTorch with gloo in build/venv-torch: make deps'
export PATH="$PATH:$TORCH" TORCH

# repo: data set d, model m whose command trains a line by DDP. Nothing in it knows of mich but where
# to put the model.
repo() {
	git init -q .
	mkdir raw && seq 64 >raw/x.txt
	cat >train.py <<-'E'
	import json, os
	import torch, torch.distributed as dist
	from torch.distributed.elastic.multiprocessing.errors import record
	from torch.nn.parallel import DistributedDataParallel
	from torch.utils.data import DataLoader, TensorDataset
	from torch.utils.data.distributed import DistributedSampler

	@record
	def main():
	    dist.init_process_group("gloo")
	    rank, world = dist.get_rank(), dist.get_world_size()
	    assert int(os.environ["LOCAL_RANK"]) == rank
	    torch.manual_seed(0)
	    x = torch.linspace(-1, 1, 64).unsqueeze(1)
	    rows = TensorDataset(x, 3 * x + 1)
	    sampler = DistributedSampler(rows, shuffle=False)
	    model = DistributedDataParallel(torch.nn.Linear(1, 1))
	    sgd = torch.optim.SGD(model.parameters(), lr=0.3)
	    for epoch in range(40):
	        for a, b in DataLoader(rows, batch_size=64 // world, sampler=sampler):
	            if os.environ.get("BREAK") == "%d.%d" % (rank, epoch):
	                raise ValueError("no such column: hour")
	            loss = torch.nn.functional.mse_loss(model(a), b)
	            sgd.zero_grad()
	            loss.backward()
	            sgd.step()
	        if rank == 0 and "MICH_EVENTS" in os.environ:
	            with open(os.environ["MICH_EVENTS"], "a") as f:
	                f.write(json.dumps({"step": epoch, "loss": loss.item()}) + "\n")
	    if rank == 0:
	        w = [p.item() for p in model.module.parameters()]
	        with open(os.environ.get("MICH_OUT", ".") + "/line.json", "w") as f:
	            json.dump(w, f)
	    dist.destroy_process_group()

	main()
	os._exit(0)  # the threads that PyTorch leaves behind now and then abort the interpreter at its end
	E
	cat >Michfile <<-E
	[dataset "d"]
	    source = raw
	[model "m"]
	    dataset = d
	    command = $TORCH/python3 train.py
	    pass = BREAK
	E
	git add . && git commit -qm one && mich init && mich dataset build d
}

# trained REF: close to 3 x + 1
trained() {
	mich cat "$1:files/line.json" | jq -e '(.[0] - 3 | fabs) < 0.01 and (.[1] - 1 | fabs) < 0.01'
}

it 'trains with 1, 2 and 4 ranks to the same line' '
	repo
	for n in 1 2 4; do
		ref=$(mich train m -n $n 2>err) || { cat err; exit 1; }
		trained "$ref"
		mich cat "$ref:files/line.json" >line.$n
	done
	jq -es "map(.[0]) | (max - min) < 0.0001" line.1 line.2 line.4'

it 'an exception of one rank is the reason, in its own words' '
	repo
	BREAK=1.3 code 3 mich train m -n 2 --json >out 2>err
	has err "rank 1 of 2 exited with code 1"
	has err "ValueError: no such column: hour"
	[ "$(jq .rank out)" = 1 ]; [ "$(jq .exit out)" = 1 ]'

it 'mpirun places the ranks of the same script' '
	mpirun --version 2>/dev/null | grep -q "Open MPI" || skip "no OpenMPI: make deps"
	repo
	OMPI_MCA_plm=isolated mich train m -n 2 --launch mpi 2>err || { cat err; exit 1; }
	trained m@1
	BREAK=1.3 OMPI_MCA_plm=isolated code 3 mich train m -n 2 --launch mpi --set seed=5 --json >out 2>err
	has err "ValueError: no such column: hour"
	[ "$(jq .rank out)" = 1 ]; [ "$(jq .exit out)" = 1 ]'

it 'without a network they still meet' '
	repo
	if mich train m -n 2 --set network=no 2>err; then
		trained m
	else
		has err "network of its own"
		skip "no network namespaces here"
	fi'

it 'what torchrun tells its ranks, mich tells them too' '
	cat >tell.py <<-\E
	import os
	if os.environ["RANK"] == "1":
	    for k in sorted(os.environ):
	        if k.startswith("TORCH") or k.endswith(("RANK", "SIZE", "NAME", "ADDR", "PORT")):
	            print(k + "=" + os.environ[k])
	E
	env -i PATH="$PATH" HOME="$HOME" "$TORCH/python3" -m torch.distributed.run --standalone \
		--nproc-per-node 2 tell.py 2>/dev/null | sed "/USE_AGENT_STORE/d" >theirs
	repo
	mv tell.py train.py
	sed -i "s/command = .*/command = \"$(echo "$TORCH/python3" | sed "s|/|\\\\/|g") tell.py; touch \$MICH_OUT\/x\"/" Michfile
	mv train.py tell.py && git add . && git commit -qm tell
	ref=$(mich train m -n 2)
	mich cat "$ref:log" | sed -n "s/^\[r1\] //p" >ours
	for key in $(sed "s/=.*//" theirs); do grep -q "^$key=" ours || { echo "no $key"; exit 1; }; done
	for f in theirs ours; do
		grep -E "^(LOCAL_|GROUP_|ROLE_|)(RANK|WORLD_SIZE|NAME)=|^TORCH.*(COUNT|RESTARTS|HANDL.*)=" $f >$f.equal
	done
	same ours.equal theirs.equal'
