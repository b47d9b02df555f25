"""peer.py - the service that one writes in an hour: FastAPI around an XGBoost file ($MODEL)."""
import os

import numpy
import xgboost
from fastapi import FastAPI
from pydantic import BaseModel

booster = xgboost.Booster(model_file=os.environ["MODEL"])
booster.set_param({"nthread": 1})
app = FastAPI()


class Request(BaseModel):
    inputs: list[list[float]]


@app.post("/predict")
async def predict(request: Request):
    x = numpy.asarray(request.inputs, dtype=numpy.float32)
    return {"predictions": booster.inplace_predict(x).tolist()}
