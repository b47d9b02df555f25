"""clients.py CLIENT HOST:PORT ROWS.csv WANT.csv - ask a server of mich with somebody else's client.

WANT holds the predictions of the rows; an assertion fails where the client gets another one.
"""

import sys

import numpy as np
import pandas as pd


def same(got, want):
    """The same floats, bit for bit."""
    got = np.asarray(got, dtype=np.float32).reshape(-1)
    want = np.asarray(want, dtype=np.float32)
    assert (got.view(np.uint32) == want.view(np.uint32)).all(), (got, want)


def raises(text, call, *args, **kw):
    try:
        call(*args, **kw)
    except Exception as e:
        assert text in str(e), str(e)
        return
    raise AssertionError(f"no error that says {text!r}")


def tensor(name, values, datatype, binary):
    from tritonclient.http import InferInput

    kind = {"BYTES": object, "INT64": np.int64, "INT32": np.int32, "FP64": np.float64}[datatype]
    array = np.array(list(values), dtype=kind)
    x = InferInput(name, list(array.shape), datatype)
    return x.set_data_from_numpy(array, binary_data=binary)


def triton(host, rows, want):
    from tritonclient.http import InferenceServerClient, InferRequestedOutput

    client = InferenceServerClient(host)
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("eta") and client.is_model_ready("eta", "2")
    assert not client.is_model_ready("nobody")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    meta = client.get_model_metadata("eta")
    types = {i["name"]: i["datatype"] for i in meta["inputs"]}
    assert types == {"dep_delay": "INT64", "distance": "INT64", "hour": "INT64", "carrier": "BYTES"}
    assert meta["outputs"] == [{"name": "prediction", "datatype": "FP32", "shape": [-1]}]
    assert client.get_model_config("eta")["input"][0]["dims"] == [-1]
    assert [m["state"] for m in client.get_model_repository_index()] == ["READY"]
    raises("no model 'nobody'", client.get_model_metadata, "nobody")
    raises("not loaded or unloaded", client.load_model, "eta")
    raises("not loaded or unloaded", client.unload_model, "eta")

    asked = 0
    for binary in (True, False):
        ins = [tensor(n, rows[n], t, binary) for n, t in types.items()]
        for outputs in (
            None,
            [InferRequestedOutput("prediction", binary_data=True)],
            [InferRequestedOutput("prediction", binary_data=False)],
        ):
            r = client.infer("eta", ins, outputs=outputs, request_id="r 7")
            asked += 1
            same(r.as_numpy("prediction"), want)
            said = r.get_response()
            assert said["id"] == "r 7" and said["model_version"] == "2", said
            assert len(said["parameters"]["id"]) == 40
        again = client.async_infer("eta", ins).get_result()
        asked += 1
        same(again.as_numpy("prediction"), want)
        cut = [tensor(n, rows[n][:1], t, binary) for n, t in types.items()]
        for way in ("gzip", "deflate"):
            r = client.infer("eta", cut, request_compression_algorithm=way)
            asked += 1
            same(r.as_numpy("prediction"), want[:1])
    few = [tensor(n, rows[n], t, True) for n, t in types.items() if n != "carrier"]
    raises("column 'carrier' (string) is missing", client.infer, "eta", few)
    wrong = few + [tensor("carrier", range(len(want)), "INT64", True)]
    raises("column 'carrier'", client.infer, "eta", wrong)
    raises("no output 'x'", client.infer, "eta", ins, outputs=[InferRequestedOutput("x")])
    stats = client.get_inference_statistics("eta")["model_stats"][0]["inference_stats"]
    assert stats["success"]["count"] == asked, (stats, asked)
    assert stats["fail"]["count"] == 3, stats


def matrix(host, rows, want):
    from tritonclient.http import InferenceServerClient, InferInput

    client = InferenceServerClient(host)
    table = rows[["dep_delay", "distance", "hour"]].to_numpy()
    for kind, name in (
        (np.float64, "FP64"),
        (np.float32, "FP32"),
        (np.int64, "INT64"),
        (np.int32, "INT32"),
        (np.int16, "INT16"),
        (np.float16, "FP16"),
    ):
        array = table.astype(kind)
        if (array != table).any():  # beyond that type
            continue
        for binary in (True, False):
            x = InferInput("anything", list(array.shape), name)
            x.set_data_from_numpy(array, binary_data=binary)
            same(client.infer("plain", [x]).as_numpy("prediction"), want)


def mlflow(host, rows, want):
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    address, port = host.split(":")
    client = ScoringServerClient(address, port)
    client.ping()
    client.wait_server_ready(timeout=5)
    assert client.get_version()
    same(client.invoke(rows).get_predictions()[0], want)
    same(client.invoke(rows).get_predictions("ndarray"), want)
    same(client.invoke(rows, params={"x": 1})["predictions"], want)
    ordered = rows[["dep_delay", "distance", "hour", "carrier"]]
    same(client.invoke(ordered.values.tolist())["predictions"], want)
    same(client.invoke(ordered.to_dict(orient="records"))["predictions"], want)
    gaps = ordered.assign(distance=[float("nan")] + [float(v) for v in ordered["distance"][1:]])
    got = client.invoke(gaps)["predictions"]
    same(got[1:], want[1:])
    unnamed = pd.DataFrame(ordered.values)
    same(client.invoke(unnamed)["predictions"], want)
    raises("column 'carrier' (string) is missing", client.invoke, rows[["hour", "distance", "dep_delay"]])
    raises("BAD_REQUEST", client.invoke, '{"instances":')


client, host, rows, want = sys.argv[1:]
globals()[client](host, pd.read_csv(rows), pd.read_csv(want)["prediction"].to_numpy(np.float32))
