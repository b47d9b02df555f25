"""net.py - nets made with NumPy, for scenarios that score them.

net.py make CONTRACT OUT TASK   a net of every kind of layer with random weights, as model.json and
                                model.safetensors in the folder OUT; TASK: regression, binary, multiclass
net.py predict OUT ROWS.CSV     what it says of the rows, a line each: NumPy's doubles
net.py near GOT WANT            exit 1 unless the numbers are the same but for rounding
net.py rewrite FILE             read and write FILE with Python's safetensors; exit 77 without it
"""
import csv
import json
import math
import struct
import sys

import numpy as np


def tensors_write(path, tensors):
    at, header = 0, {"__metadata__": {"format": "np"}}
    for name, v in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [at, at + v.nbytes]}
        at += v.nbytes
    head = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for v in tensors.values():
            f.write(v.tobytes())


def tensors_read(path):
    with open(path, "rb") as f:
        data = f.read()
    n = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, t in json.loads(data[8:8 + n]).items():
        if name != "__metadata__":
            a, b = (8 + n + x for x in t["data_offsets"])
            out[name] = np.frombuffer(data[a:b], "<f4").reshape(t["shape"]).astype("f8")
    return out


def make(contract_path, out, task):
    random = np.random.default_rng(5)
    with open(contract_path) as f:
        contract = json.load(f)
    classes = {"regression": None, "binary": ["no", "yes"], "multiclass": ["a", "b", "c"]}[task]
    contract["task"] = task
    if classes:
        contract["label"] = {"name": "late", "type": "string", "classes": classes}
    numeric, embedded, at = [], [], 0
    for column in contract["columns"]:
        if column["type"] == "string":
            embedded.append({"input": at, "categories": len(column["categories"]), "dim": 3})
        else:
            numeric.append(at)
        at += 1
    shape = {"inputs": {"numeric": numeric, "embedded": embedded},
             "hidden": [{"units": u, "activation": a, "norm": n, "dropout": 0.1} for u, a, n in
                        ((24, "relu", "none"), (17, "gelu", "batch"), (20, "tanh", "layer"))],
             "outputs": 3 if task == "multiclass" else 1,
             "head": {"regression": "identity", "binary": "logistic", "multiclass": "softmax"}[task]}
    tensors = {}

    def add(name, *dims):
        tensors[name] = random.normal(0, 1 / math.sqrt(dims[-1]), dims).astype("<f4")

    for i, e in enumerate(embedded):
        add(f"embed.{i}.weight", e["categories"] + 1, e["dim"])
    width = len(numeric) + sum(e["dim"] for e in embedded)
    for i, h in enumerate(shape["hidden"]):
        add(f"layer.{i}.weight", h["units"], width)
        add(f"layer.{i}.bias", h["units"])
        if h["norm"] != "none":
            add(f"norm.{i}.weight", h["units"])
            tensors[f"norm.{i}.weight"] += 1
            add(f"norm.{i}.bias", h["units"])
        if h["norm"] == "batch":
            add(f"norm.{i}.mean", h["units"])
            tensors[f"norm.{i}.var"] = random.uniform(0.5, 2, h["units"]).astype("<f4")
        width = h["units"]
    add("output.weight", shape["outputs"], width)
    add("output.bias", shape["outputs"])
    tensors["input.mean"] = np.full(len(numeric), 100, "<f4")
    tensors["input.scale"] = np.full(len(numeric), 0.01, "<f4")
    if task == "regression":
        tensors["target.mean"] = np.array([7], "<f4")
        tensors["target.scale"] = np.array([30], "<f4")
    tensors_write(f"{out}/model.safetensors", tensors)
    with open(f"{out}/model.json", "w") as f:
        json.dump({"format": "mich-model/1", "kind": "net", "weights": "model.safetensors",
                   "contract": contract, "net": shape}, f)


def first(model, t, rows):
    """(rows, width): scaled numbers, then rows of the tables."""
    parts, columns = [], model["contract"]["columns"]
    inputs = model["net"]["inputs"]
    for k, i in enumerate(inputs["numeric"]):
        v = np.array([float(r[columns[i]["name"]] or "nan") for r in rows])
        v = (v - t["input.mean"][k]) * t["input.scale"][k]
        parts.append(np.where(np.isnan(v), 0, v)[:, None])
    for k, e in enumerate(inputs["embedded"]):
        known = columns[e["input"]]["categories"]
        codes = [known.index(r[columns[e["input"]]["name"]])
                 if r[columns[e["input"]]["name"]] in known else e["categories"] for r in rows]
        parts.append(t[f"embed.{k}.weight"][codes])
    return np.concatenate(parts, 1)


ACTIVATIONS = {"relu": lambda v: np.maximum(v, 0), "tanh": np.tanh,
               "gelu": lambda v: 0.5 * v * (1 + np.vectorize(math.erf)(v / math.sqrt(2)))}


def hidden(i, layer, t, a):
    z = a @ t[f"layer.{i}.weight"].T + t[f"layer.{i}.bias"]
    if layer["norm"] == "batch":
        z = (z - t[f"norm.{i}.mean"]) / np.sqrt(t[f"norm.{i}.var"] + 1e-5)
    if layer["norm"] == "layer":
        z = (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + 1e-5)
    if layer["norm"] != "none":
        z = z * t[f"norm.{i}.weight"] + t[f"norm.{i}.bias"]
    return ACTIVATIONS[layer["activation"]](z)


def predict(out, rows_path):
    with open(f"{out}/model.json") as f:
        model = json.load(f)
    with open(rows_path) as f:
        rows = list(csv.DictReader(f))
    t = tensors_read(f"{out}/model.safetensors")
    a = first(model, t, rows)
    for i, layer in enumerate(model["net"]["hidden"]):
        a = hidden(i, layer, t, a)
    z = a @ t["output.weight"].T + t["output.bias"]
    head = model["net"]["head"]
    if head == "identity":
        z = t["target.mean"] + t["target.scale"] * z
    elif head == "logistic":
        z = 1 / (1 + np.exp(-z))
    else:
        z = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    np.savetxt(sys.stdout, z, fmt="%.17g", delimiter=",")


def near(got, want):
    a, b = (np.loadtxt(p, delimiter=",", ndmin=2) for p in (got, want))
    if a.shape != b.shape or not np.allclose(a, b, rtol=1e-5, atol=1e-6):
        sys.exit(f"differs: {a.shape} {b.shape} by {np.abs(a - b).max()}")


def rewrite(path):
    try:
        from safetensors.numpy import load_file, save_file
    except ImportError:
        sys.exit(77)
    save_file(load_file(path), path)


if __name__ == "__main__":
    {"make": make, "predict": predict, "near": near, "rewrite": rewrite}[sys.argv[1]](*sys.argv[2:])
