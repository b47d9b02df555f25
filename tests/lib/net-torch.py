"""net-torch.py <PAIRS - the steps between two nets of mich-net, by PyTorch.

PAIRS has four lines a pair: MATRIX, START, END, PARAMS. START and END are weights.safetensors before and after
params["epochs"] steps of mich-net over all rows of the train split at once. PyTorch makes the same steps from START;
says how far its weights are from END, relative to how far they went, and exits 1 where that is more than a thousandth.
"""
import ast
import json
import struct
import sys

import warnings

warnings.filterwarnings("ignore", message=".*NumPy")

import torch
import torch.nn.functional as F


def npy(path):
    try:
        data = bytearray(open(path, "rb").read())
    except FileNotFoundError:
        return None
    n = struct.unpack("<H", data[8:10])[0]
    shape = ast.literal_eval(data[10:10 + n].decode())["shape"]
    return torch.frombuffer(data, dtype=torch.float32, offset=10 + n).reshape(shape)


def safetensors(path):
    data = bytearray(open(path, "rb").read())
    n = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, t in json.loads(data[8:8 + n]).items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            out[name] = torch.frombuffer(data[8 + n + a:8 + n + b], dtype=torch.float32).reshape(t["shape"])
    return out


def compare(matrix, start, end, params):
    w, want = safetensors(start), safetensors(end)
    for k in w:  # START is a step at rate 0 away from where END began: that moved the running moments alone
        if k.startswith("norm.") and k.endswith((".mean", ".var")):
            w[k] = torch.full_like(w[k], k.endswith(".var"))
    stats = {k for k in w if k.split(".")[0] in ("input", "target") or k.endswith((".mean", ".var"))}
    p = {k: v.clone().requires_grad_(k not in stats) for k, v in w.items()}
    inputs = json.load(open(matrix + "/matrix.json"))["inputs"]
    x, y, weight = (npy(f"{matrix}/train/{n}.npy") for n in "xyw")
    numeric = [i for i, c in enumerate(inputs) if not c["type"].startswith("cat")]
    embedded = [i for i, c in enumerate(inputs) if c["type"].startswith("cat")]
    y = (y - w["target.mean"]) / w["target.scale"] if "target.mean" in w else y
    weight = torch.ones(len(y)) if weight is None else weight.clone()
    classes = params.get("class_weight")
    if classes == "balanced":
        counts = torch.stack([weight[y == k].sum() for k in range(int(y.max()) + 1)])
        classes = (counts.sum() / (len(counts) * counts)).tolist()
    if classes:
        weight = weight * torch.tensor(classes)[y.long()]

    def forward():
        h = torch.nan_to_num((x[:, numeric] - p["input.mean"]) * p["input.scale"])
        for e, i in enumerate(embedded):
            table = p[f"embed.{e}.weight"]
            code = torch.nan_to_num(x[:, i], nan=-1).long()
            code[(code < 0) | (code >= len(table) - 1)] = len(table) - 1
            h = torch.cat([h, table[code]], 1)
        layer = 0
        while f"layer.{layer}.weight" in p:
            h = h @ p[f"layer.{layer}.weight"].T + p[f"layer.{layer}.bias"]
            if params.get("norm") == "batch":
                h = F.batch_norm(h, p[f"norm.{layer}.mean"], p[f"norm.{layer}.var"], p[f"norm.{layer}.weight"],
                                 p[f"norm.{layer}.bias"], training=True)
            elif params.get("norm") == "layer":
                h = F.layer_norm(h, h.shape[1:], p[f"norm.{layer}.weight"], p[f"norm.{layer}.bias"])
            h = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh}[params.get("activation", "relu")](h)
            layer += 1
        h = h @ p["output.weight"].T + p["output.bias"]
        return h.squeeze(1) if h.shape[1] == 1 else h

    def loss_of(z):
        kind = params.get("loss", "mse" if "target.mean" in w else "binary" if z.dim() == 1 else "softmax")
        each = {"binary": lambda: F.binary_cross_entropy_with_logits(z, y, reduction="none"),
                "mse": lambda: (z - y) ** 2, "mae": lambda: (z - y).abs(),
                "softmax": lambda: F.cross_entropy(z, y.long(), reduction="none"),
                "huber": lambda: F.huber_loss(z, y, reduction="none", delta=params.get("huber_delta", 1)),
                "poisson": lambda: z.exp() - y * z}[kind]()
        return (each * weight).sum() / weight.sum()

    learnt = [v for v in p.values() if v.requires_grad]
    wide = [v for v in learnt if v.dim() > 1]
    narrow = [v for v in learnt if v.dim() <= 1]
    decay = params.get("weight_decay", 0.01 if params.get("optimizer") == "adamw" else 0)
    groups = [{"params": wide, "weight_decay": decay}, {"params": narrow, "weight_decay": 0}]
    moments = {"betas": (params.get("beta1", 0.9), params.get("beta2", 0.999)), "eps": params.get("epsilon", 1e-8)}
    how = {"sgd": lambda: torch.optim.SGD(groups, lr=params["lr"], momentum=params.get("momentum", 0.9)),
           "adam": lambda: torch.optim.Adam(groups, lr=params["lr"], **moments),
           "adamw": lambda: torch.optim.AdamW(groups, lr=params["lr"], **moments)}[params.get("optimizer", "adam")]()
    steps = params["epochs"]
    warm = int(params.get("warmup", 0) * steps)
    rates = torch.optim.lr_scheduler
    then = {"constant": lambda: rates.ConstantLR(how, factor=1),
            "cosine": lambda: rates.CosineAnnealingLR(how, T_max=steps - warm),
            "one-cycle": lambda: rates.OneCycleLR(how, params["lr"], steps, pct_start=params.get("warmup", 0.3),
                                                  cycle_momentum=False)}[params["schedule"]]()
    if warm and params["schedule"] != "one-cycle":
        then = rates.SequentialLR(how, [rates.LinearLR(how, 1 / warm, 1, warm - 1), then], [warm])
    for _ in range(steps):
        how.zero_grad()
        loss = loss_of(forward())
        loss.backward()
        if params.get("clip"):
            torch.nn.utils.clip_grad_norm_(learnt, params["clip"])
        for v in wide:
            v.grad += params.get("l2", 0) * v.detach() + params.get("l1", 0) * v.detach().sign()
        how.step()
        then.step()

    worst = 0.0
    for k, v in p.items():
        moved = (want[k] - w[k]).abs().max().item()
        if k.startswith(("input", "target")):
            continue
        off = (v.detach() - want[k]).abs().max().item() / max(moved, 1e-4)
        worst = max(worst, off)
        if off > 1e-3:
            print(f"{k}: off by {off:.2g} of {moved:.2g}")
    print(f"worst: {worst:.2g}")
    return worst


lines = sys.stdin.read().splitlines()
worst = max([compare(*four[:3], json.loads(four[3])) for four in zip(*[iter(lines)] * 4)])
sys.exit(worst > 1e-3)
