"""epoch.py DIR THREADS - the net of epoch.c in PyTorch: a tenth of an epoch a line read from stdin.

Prints {"rows", "s", "cpu_s", "limit"}, at the end of an epoch also {"loss", "auc"}; limit: GFLOP/s of its own
product of two matrices of 1024 x 1024, by the clock, with all threads.
"""
import ast
import json
import mmap
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)


def load(path):
    """A NumPy file of float32, without NumPy."""
    with open(path, "rb") as f:
        data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY)
    n = int.from_bytes(data[8:10], "little")
    shape = ast.literal_eval(data[10:10 + n].decode())["shape"]
    return torch.frombuffer(data, dtype=torch.float32, offset=10 + n).reshape(shape).clone()


x, y = load(sys.argv[1] + "/x.npy"), load(sys.argv[1] + "/y.npy")
held, batch, parts = len(x) // 10, 1024, 10
seen = len(x) - held
x = (x - x.mean(0)) / x.std(0)
net = torch.nn.Sequential(
    torch.nn.Linear(28, 128), torch.nn.ReLU(),
    torch.nn.Linear(128, 128), torch.nn.ReLU(),
    torch.nn.Linear(128, 1))
adam = torch.optim.Adam(net.parameters(), lr=1e-3, foreach=True)
loss_of = torch.nn.BCEWithLogitsLoss()
side = torch.rand(1024, 1024)


def auc(p, t):
    ranks = torch.empty(len(p), dtype=torch.float64)
    ranks[torch.argsort(p)] = torch.arange(1, len(p) + 1, dtype=torch.float64)
    ones = t.sum().item()
    return (ranks[t > 0].sum().item() - ones * (ones + 1) / 2) / (ones * (len(t) - ones))


def limit():
    turns = 10
    torch.mm(side, side)
    begin = time.perf_counter()
    for _ in range(turns):
        torch.mm(side, side)
    return round(turns * 2 * 1024 ** 3 / (time.perf_counter() - begin) / 1e9, 1)


def say(**what):
    print(json.dumps(what), flush=True)


batches = -(-seen // batch)
for part, line in enumerate(sys.stdin):
    first, end = (batches * (part % parts + i) // parts for i in (0, 1))
    begin, cpu = time.perf_counter(), time.process_time()
    if not first:
        order, total = torch.randperm(seen), 0.0
    for at in range(first * batch, min(end * batch, seen), batch):
        rows = order[at:at + batch]
        adam.zero_grad(set_to_none=True)
        loss = loss_of(net(x[rows]).squeeze(1), y[rows])
        loss.backward()
        adam.step()
        total += loss.item()
    said = {"rows": min(end * batch, seen) - first * batch,
            "s": round(time.perf_counter() - begin, 5), "cpu_s": round(time.process_time() - cpu, 5)}
    said["limit"] = limit()
    if end == batches:
        with torch.no_grad():
            p = net(x[seen:]).squeeze(1)
        said["loss"] = round(total / batches, 5)
        said["auc"] = round(float(auc(p, y[seen:])), 5)
    say(**said)
