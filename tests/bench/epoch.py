"""epoch.py DIR THREADS - the net of epoch.c in PyTorch: an epoch a line read from stdin."""
import json
import sys
import time

import numpy as np
import torch

torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)
x = torch.from_numpy(np.load(sys.argv[1] + "/x.npy"))
y = torch.from_numpy(np.load(sys.argv[1] + "/y.npy"))
x = (x - x.mean(0)) / x.std(0)
held, batch = len(x) // 10, 1024
seen = len(x) - held
net = torch.nn.Sequential(
    torch.nn.Linear(28, 128), torch.nn.ReLU(),
    torch.nn.Linear(128, 128), torch.nn.ReLU(),
    torch.nn.Linear(128, 1))
adam = torch.optim.Adam(net.parameters(), lr=1e-3, foreach=True)
loss_of = torch.nn.BCEWithLogitsLoss()


def auc(p, t):
    ranks = np.empty(len(p))
    ranks[np.argsort(p)] = np.arange(1, len(p) + 1)
    ones = t.sum()
    return (ranks[t > 0].sum() - ones * (ones + 1) / 2) / (ones * (len(t) - ones))


for line in sys.stdin:
    begin, total = time.perf_counter(), 0.0
    order = torch.randperm(seen)
    for at in range(0, seen, batch):
        rows = order[at:at + batch]
        adam.zero_grad(set_to_none=True)
        loss = loss_of(net(x[rows]).squeeze(1), y[rows])
        loss.backward()
        adam.step()
        total += loss.item()
    took = time.perf_counter() - begin
    with torch.no_grad():
        p = net(x[seen:]).squeeze(1).numpy()
    print(json.dumps({"epoch_s": round(took, 4), "loss": round(total / -(-seen // batch), 5),
                      "auc": round(float(auc(p, y[seen:].numpy())), 5)}), flush=True)
