"""sklearn_metrics.py MEASURE - every metric of lib/measure against scikit-learn's on the same predictions, as TAP."""
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn import metrics as sk

warnings.filterwarnings("ignore")


def measure(task, p, y, w=None, groups=None, threshold=None):
    with tempfile.TemporaryDirectory() as d:
        arrays = {"predictions": (p, "<f4"), "labels": (y, "<f4"), "weights": (w, "<f4"), "groups": (groups, "<i4")}
        for name, (array, dtype) in arrays.items():
            if array is not None:
                np.save(os.path.join(d, name + ".npy"), np.ascontiguousarray(array, dtype))
        command = [sys.argv[1], task, d] + ([str(threshold)] if threshold else [])
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def regression(r, n, w):
    y = r.normal(scale=40, size=n).astype("f4")
    p = (y + r.normal(scale=9, size=n)).astype("f4")
    if n > 50:
        y[::17] = 0  # where mape is not defined; scikit-learn divides by the smallest double
    got = measure("regression", p, y, w)
    y, p = y.astype("f8"), p.astype("f8")
    return got, {
        "rmse": math.sqrt(sk.mean_squared_error(y, p, sample_weight=w)),
        "mae": sk.mean_absolute_error(y, p, sample_weight=w),
        "mape": None if (y == 0).any() else sk.mean_absolute_percentage_error(y, p, sample_weight=w),
        "r2": sk.r2_score(y, p, sample_weight=w),
        "bias": np.average(p - y, weights=w),
    }


def binary(r, n, w, threshold=None, rounded=False):
    y = (r.random(n) < 0.3).astype("f4")
    y[:2] = 0, 1
    p = np.clip(r.normal(0.3 + 0.3 * y, 0.25), 0, 1).astype("f4")  # some are 0 and 1
    if rounded:
        p = np.round(p * 8).astype("f4") / 8  # many ties, and some at the threshold
    got = measure("binary", p, y, w, threshold=threshold)
    p = p.astype("f8")
    c = p >= (threshold or 0.5)
    tn, fp, fn, tp = sk.confusion_matrix(y, c, labels=[0, 1]).ravel()
    return got, {
        "auc": sk.roc_auc_score(y, p, sample_weight=w),
        "logloss": sk.log_loss(y, p, sample_weight=w),
        "brier": sk.brier_score_loss(y, p, sample_weight=w),
        "accuracy": sk.accuracy_score(y, c, sample_weight=w),
        "precision": sk.precision_score(y, c, sample_weight=w),
        "recall": sk.recall_score(y, c, sample_weight=w),
        "f1": sk.f1_score(y, c, sample_weight=w),
        "tp": tp, "fp": fp, "tn": tn, "fn": fn,
    }


def multiclass(r, n, w, k=4, rare=False):
    y = r.integers(0, k - rare, n).astype("f4")
    y[:k - rare] = range(k - rare)
    z = r.normal(size=(n, k)) + 1.5 * (np.arange(k) == y[:, None])
    if rare:
        z[:, -1] -= 100  # a class that never occurs
    p = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).astype("f4")
    got = measure("multiclass", p, y, w)
    p = p.astype("f8")
    c = p.argmax(axis=1)
    want = {
        "logloss": sk.log_loss(y, p, sample_weight=w, labels=list(range(k))),
        "accuracy": sk.accuracy_score(y, c, sample_weight=w),
        "precision": sk.precision_score(y, c, sample_weight=w, average="macro"),
        "recall": sk.recall_score(y, c, sample_weight=w, average="macro"),
        "f1": sk.f1_score(y, c, sample_weight=w, average="macro"),
    }
    if not rare:
        # scikit-learn wants rows that add up to 1 within 1e-8; scores of one column keep their order
        want["auc"] = np.mean([sk.roc_auc_score(y == i, p[:, i], sample_weight=w) for i in range(k)])
    elif got["auc"] is not None:
        want["auc"] = None
    return got, want


def ranking(r, n, w, rounded=False):
    groups = []
    while sum(groups) < n:
        groups.append(int(r.integers(2, 40)))
    n = sum(groups)
    y = r.integers(0, 5, n).astype("f4")
    y[:groups[0]] = 0  # nothing relevant in the first group
    p = (y + r.normal(scale=2, size=n)).astype("f4")
    if rounded:
        p = np.round(p)
    w = None if w is None else w[:len(groups)]
    got = measure("ranking", p, y, w, groups)
    each, ten, at = [], [], 0
    for g in groups:
        rows = slice(at, at + g)
        each.append(sk.ndcg_score([y[rows]], [p[rows]]))
        ten.append(sk.ndcg_score([y[rows]], [p[rows]], k=10))
        at += g
    return got, {"ndcg": np.average(each, weights=w), "ndcg@10": np.average(ten, weights=w), "groups": len(groups)}


def agree(got, want):
    for name, value in want.items():
        have = got.get(name)
        if value is None and have is None:
            continue
        if value is None or have is None or not abs(have - value) <= 1e-9 * max(1, abs(value)):
            yield f"{name} is {have!r}, scikit-learn says {value!r}"


def cases():
    for n, weighted in itertools.product((3, 500, 20000), (False, True)):
        name = f"{n} rows{', weights' if weighted else ''}"
        yield f"regression, {name}", regression, n, weighted, {}
        for threshold, rounded in ((None, False), (0.25, True)):
            yield f"binary, {name}, {threshold=}", binary, n, weighted, {"threshold": threshold, "rounded": rounded}
        for rare in (False, True):
            yield f"multiclass, {name}, {rare=}", multiclass, max(n, 20), weighted, {"rare": rare}
        for rounded in (False, True):
            yield f"ranking, {name}, ties={rounded}", ranking, n, weighted, {"rounded": rounded}


def main():
    failed = n = 0
    for n, (name, make, rows, weighted, options) in enumerate(cases(), 1):
        r = np.random.default_rng(n)
        w = r.random(rows).astype("f4") + np.float32(0.1) if weighted else None
        wrong = list(agree(*make(r, rows, w, **options)))
        print(f"{'not ' if wrong else ''}ok {n} - {name}")
        for line in wrong:
            print("# " + line)
        failed += bool(wrong)
    print(f"1..{n}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
