"""partition.py TRAIN.parquet ROUNDS THREADS: a loop over partitions as one writes it with XGBoost's own package."""
import json
import resource
import sys
import time

import pandas
import xgboost

table, rounds, threads = pandas.read_parquet(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
started, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
params = {"max_depth": 6, "nthread": threads, "objective": "reg:squarederror"}
models = {}
for city, rows in table.groupby("city"):
    data = xgboost.QuantileDMatrix(rows.drop(columns=["city", "y"]), rows["y"], nthread=threads)
    models[city] = bytes(xgboost.train(params, data, rounds).save_raw("ubj"))
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": round(time.monotonic() - started, 2),
    "cpu_s": round(after.ru_utime - cpu.ru_utime + after.ru_stime - cpu.ru_stime, 2),
    "models": len(models),
    "bytes": sum(map(len, models.values())),
}))
