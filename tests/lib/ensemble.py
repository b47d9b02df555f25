"""Hold mich's ensembles to scikit-learn's, with members that answer what mich's members answered.

usage: ensemble.py DIR [STACK]    DIR/NAME.csv is what `mich predict NAME` printed, STACK an exported stack
"""
import json
import sys

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.ensemble import StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.linear_model import LinearRegression

from net import tensors_read

DIR = sys.argv[1]
rows = {}


def table(name):
    if name not in rows:
        rows[name] = pd.read_csv(f"{DIR}/{name}.csv", keep_default_na=False)
    return rows[name]


class Value(RegressorMixin, BaseEstimator):
    """A regressor that knows its answers."""

    def __init__(self, name):
        self.name = name

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return table(self.name)["prediction"].to_numpy(float)


class Classes(ClassifierMixin, BaseEstimator):
    """A classifier that knows its answers; classes are numbered as mich orders them."""

    def __init__(self, name, classes):
        self.name = name
        self.classes = classes

    def fit(self, X, y=None):
        self.classes_ = np.arange(len(self.classes))
        return self

    def predict_proba(self, X):
        return probabilities(self.name, self.classes)

    def predict(self, X):
        said = table(self.name)["prediction"]
        return numbers(said, self.classes)


def numbers(said, classes):
    """What a column says, as numbers of classes: yes and no are read as booleans by mich."""
    return np.array([classes.index(str(v).lower()) for v in said])


def probabilities(name, classes):
    t = table(name)
    if len(classes) == 2:
        p = t["probability"].to_numpy(float)
        return np.stack([1 - p, p], axis=1)
    return t[[f"probability_{c}" for c in classes]].to_numpy(float)


def near(what, got, want):
    gap = np.abs(got - want).max()
    if not gap <= 1e-6 * max(1, np.abs(want).max()):
        sys.exit(f"{what}: differs by {gap}")


def regression(name, weights):
    v = VotingRegressor([("a", Value("a")), ("b", Value("b"))], weights=weights)
    X = np.zeros((len(table("a")), 1))
    near(name, table(name)["prediction"].to_numpy(float), v.fit(X, X[:, 0]).predict(X))


def classification(label):
    columns = list(table(f"{label}-soft").columns)
    named = [c[len("probability_"):] for c in columns if c.startswith("probability_")]
    classes = named or ["false", "true"]
    members = [(m, Classes(f"{label}-{m}", classes)) for m in ("a", "b", "l")]
    X = np.zeros((len(table(f"{label}-a")), 1))
    y = np.arange(len(X)) % len(classes)
    soft = VotingClassifier(members, voting="soft").fit(X, y)
    near(label, probabilities(f"{label}-soft", classes), soft.predict_proba(X))
    hard = VotingClassifier(members, voting="hard").fit(X, y).predict(X)
    said = table(f"{label}-hard")
    share = probabilities(f"{label}-hard", classes)
    clear = share.max(axis=1) > 0.5  # three voters on three classes may all differ
    got = numbers(said["prediction"], classes)
    if (got[clear] != hard[clear]).any() or clear.mean() < 0.9:
        sys.exit(f"{label}-hard: other classes")
    if (got != hard).any():  # the first of equals, as scikit-learn has it
        sys.exit(f"{label}-hard: ties fall otherwise")


def line(folder):
    """The final model as scikit-learn's: mich's scales taken into the coefficients."""
    t = tensors_read(f"{folder}/_final/weights.safetensors")
    scale = t["input.scale"] * t["target.scale"][0]
    final = LinearRegression()
    final.coef_ = t["output.weight"][0] * scale
    final.intercept_ = t["output.bias"][0] * t["target.scale"][0] + t["target.mean"][0]
    final.intercept_ -= (final.coef_ * t["input.mean"]).sum()
    return final


def stacked(folder):
    X = np.zeros((len(table("a")), 1))
    members = [(m, Value(m).fit(X)) for m in ("a", "b", "memo")]
    stack = StackingRegressor(members, LinearRegression(), cv="prefit")
    stack.fit(X, X[:, 0])
    stack.final_estimator_ = line(folder)
    near("stack", table("stack")["prediction"].to_numpy(float), stack.predict(X))
    weight = dict(zip(("a", "b", "memo"), stack.final_estimator_.coef_))
    if not abs(weight["memo"]) < 0.25 * weight["a"]:
        sys.exit(f"the stack trusts what was learned by heart: {weight}")


if len(sys.argv) > 2:
    stacked(sys.argv[2])
    sys.exit()
regression("mean", None)
regression("given", [3, 1])
fit = {m["name"]: m["weight"] for m in json.load(open(f"{DIR}/fit.json"))["ensemble"]["members"]}
regression("fit", [fit.get("a", 0), fit.get("b", 0)])
classification("sign")
classification("kind")
