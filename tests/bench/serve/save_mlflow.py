"""save_mlflow.py MODEL FOLDER - an XGBoost file as a model of MLflow's, one thread a prediction."""
import sys

import mlflow.xgboost
import xgboost

booster = xgboost.Booster(model_file=sys.argv[1])
booster.feature_names = ["c%d" % i for i in range(booster.num_features())]
booster.set_param({"nthread": 1})
mlflow.xgboost.save_model(booster, sys.argv[2])
