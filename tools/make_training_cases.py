#!/usr/bin/env python3
"""Writes the training_configs whose loading `measure_training_cases.py` tries, as one JSON list.

    python3 make_training_cases.py OUT.json

Each is what some Keras writes, or that with one thing changed: the optimizers of every era, losses and metrics in every written
form, keys that are missing or of the wrong kind, optimizer states that don't fit.
"""
import itertools
import json
import sys

CLASSIC = {
    "SGD": {"momentum": 0.9, "nesterov": False},
    "RMSprop": {"rho": 0.9, "epsilon": 1e-07},
    "Adagrad": {"epsilon": 1e-07},
    "Adadelta": {"rho": 0.95, "epsilon": 1e-07},
    "Adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07},
    "Adamax": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07},
    "Nadam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07},
    "Ftrl": {"l1_regularization_strength": 0.0, "l2_regularization_strength": 0.0},
    "AdamW": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": False},
    "Adafactor": {"beta_2_decay": -0.8, "epsilon_1": 1e-30, "epsilon_2": 0.001, "relative_step": True},
    "Lion": {"beta_1": 0.9, "beta_2": 0.99},
    "Lamb": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07},
    "Ranger": {"beta_1": 0.9},
}
KERAS1 = {"lr": 0.001, "decay": 0.0}
TF1 = {"name": "X", "learning_rate": 0.001, "decay": 0.0}
TF211 = {"name": "X", "weight_decay": None, "clipnorm": None, "global_clipnorm": None, "clipvalue": None, "use_ema": False,
         "ema_momentum": 0.99, "ema_overwrite_frequency": None, "jit_compile": False, "is_legacy_optimizer": False,
         "learning_rate": 0.001}
KERAS3 = {"name": "x", "learning_rate": 0.001, "weight_decay": None, "clipnorm": None, "global_clipnorm": None,
          "clipvalue": None, "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None,
          "loss_scale_factor": None, "gradient_accumulation_steps": None}
PLAIN = {"class_name": "SGD", "config": {"learning_rate": 0.01}}
OLD = {"class_name": "SGD", "config": {"lr": 0.01}}


def adam(**more):
    return {"class_name": "Adam", "config": dict({"learning_rate": 0.001}, **more)}


def schedule(name, config, module=None):
    written = {"class_name": name, "config": config}
    if module:
        written = {"module": module, "class_name": name, "config": config, "registered_name": None}
    return adam(learning_rate=written)


def optimizers():
    for name, own in CLASSIC.items():
        for era in (KERAS1, TF1, KERAS3):
            yield {"class_name": name, "config": dict(era, **own)}
        yield {"class_name": "Custom>" + name, "config": dict(TF211, **own)}
    for name in ("adam", "ADAM", "sgd", "rmsprop", "Addons>AdamW", "Addons>RectifiedAdam", "Custom>Mine", "keras>Adam", "Optimizer",
                 "TFOptimizer", "tfoptimizer", "Muon", "function", "", "adamw", "LossScaleOptimizer", "Schedule"):
        yield {"class_name": name, "config": {}}
    yield from (None, "adam", "Adam", "nothing", [], {}, 5, {"class_name": "Adam"}, {"config": {}}, {"class_name": 5, "config": {}},
                {"class_name": None, "config": {}}, {"class_name": "Adam", "config": None}, {"class_name": "Adam", "config": []},
                {"class_name": "Adam", "config": "x"})
    yield from (adam(zzz=1), adam(zzz=1, yyy=2), adam(lr=0.1), adam(lr=0.1, zzz=1), adam(decay=0.0001), adam(weight_decay=0.01),
                adam(clipnorm=1.0), adam(clipvalue=0.5), adam(global_clipnorm=1.0), adam(clipnorm=1.0, clipvalue=0.5),
                adam(clipnorm=1.0, global_clipnorm=1.0), adam(clipnorm=-1.0), adam(clipvalue=-1.0), adam(epsilon=None),
                adam(learning_rate=None), adam(learning_rate="fast"), adam(name=None), adam(name="My/Adam"), adam(jit_compile=True),
                adam(is_legacy_optimizer=True), adam(use_ema=True, ema_momentum=2.0), adam(amsgrad=True),
                adam(loss_scale_factor=2.0), adam(gradient_accumulation_steps=4), adam(gradient_accumulation_steps=1),
                adam(use_ema=True, ema_overwrite_frequency=0), adam(beta_1="x"), adam(schedule_decay=0.1), adam(learning_rate=[0.1]),
                {"class_name": "SGD", "config": {"learning_rate": 0.01, "momentum": 5.0}},
                {"class_name": "SGD", "config": {"lr": 0.01, "momentum": -1.0}},
                {"class_name": "Nadam", "config": {"lr": 0.01, "schedule_decay": 0.004}},
                {"class_name": "Nadam", "config": {"learning_rate": 0.01, "decay": 0.004, "name": "Nadam"}},
                {"class_name": "RMSprop", "config": {"learning_rate": 0.01, "centered": True, "momentum": 0.0, "rho": 0.9}})
    decay = {"initial_learning_rate": 0.001, "decay_steps": 10, "decay_rate": 0.9, "staircase": False, "name": None}
    cosine = {"initial_learning_rate": 0.001, "decay_steps": 10, "alpha": 0.0, "name": None}
    yield schedule("ExponentialDecay", decay)
    yield schedule("ExponentialDecay", decay, "keras.optimizers.schedules")
    yield schedule("CosineDecay", cosine)
    yield schedule("CosineDecay", dict(cosine, warmup_target=None, warmup_steps=0))
    yield schedule("CosineDecay", dict(cosine, warmup_target=None, warmup_steps=0), "keras.optimizers.schedules")
    yield schedule("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 2.0, "m_mul": 1.0,
                                           "alpha": 0.0, "name": None})
    yield schedule("PiecewiseConstantDecay", {"boundaries": [1, 2], "values": [0.1, 0.2, 0.3], "name": None})
    yield schedule("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "end_learning_rate": 0.001, "power": 1.0,
                                       "cycle": False, "name": None})
    yield schedule("InverseTimeDecay", decay)
    yield schedule("WarmUp", {"warmup_steps": 5})
    yield schedule("WarmUp", {"warmup_steps": 5}, "official.modeling")
    yield schedule("ExponentialDecay", dict(decay, zzz=1))
    yield schedule("ExponentialDecay", {"initial_learning_rate": 0.001})
    yield adam(learning_rate={"class_name": "ExponentialDecay"})
    yield adam(learning_rate={})
    inner = {"class_name": "Adam", "config": dict(KERAS3, beta_1=0.9)}
    written = dict(inner, module="keras.optimizers", registered_name=None)
    yield {"class_name": "LossScaleOptimizer", "config": {"name": "l", "inner_optimizer": written, "initial_scale": 32768.0,
                                                          "dynamic_growth_steps": 2000}}
    yield {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": adam(), "dynamic": True, "initial_scale": 32768.0,
                                                          "dynamic_growth_steps": 2000}}
    yield {"class_name": "LossScaleOptimizerV3", "config": {"inner_optimizer": adam(), "dynamic": True, "initial_scale": 32768.0,
                                                            "dynamic_growth_steps": 2000}}
    yield {"class_name": "LossScaleOptimizerV1", "config": {"optimizer": adam(), "loss_scale": {
        "class_name": "DynamicLossScale", "config": {"initial_loss_scale": 32768.0, "increment_period": 2000, "multiplier": 2.0}}}}
    yield {"class_name": "LossScaleOptimizer", "config": {"optimizer": adam(), "loss_scale": {
        "class_name": "DynamicLossScale", "config": {"initial_loss_scale": 32768.0, "increment_period": 2000, "multiplier": 2.0}}}}
    yield dict(inner, module="keras.optimizers", registered_name=None)
    yield dict(inner, module="keras.optimizers", registered_name="Adam")
    yield {"module": "mine", "class_name": "Ranger", "config": {}, "registered_name": "mine>Ranger"}
    yield {"module": "tf_keras.optimizers", "class_name": "Adam", "config": {"learning_rate": 0.1}, "registered_name": None}


FUNCTIONS = ("mse MSE mean_squared_error mae mape msle kld KLD kullback_leibler_divergence kl_divergence binary_crossentropy bce "
             "categorical_crossentropy sparse_categorical_crossentropy hinge squared_hinge categorical_hinge logcosh log_cosh huber "
             "huber_loss poisson cosine cosine_similarity cosine_proximity binary_focal_crossentropy "
             "categorical_focal_crossentropy CategoricalCrossentropy MeanSquaredError tversky dice ctc focal_loss Custom>mine "
             "crossentropy accuracy").split() + ["", "my loss"]


def module(name, package, config, registered=None):
    return {"module": package, "class_name": name, "config": config, "registered_name": registered}


def losses():
    yield from FUNCTIONS
    cce = {"reduction": "auto", "name": "categorical_crossentropy", "from_logits": False, "label_smoothing": 0}
    k3 = {"name": "categorical_crossentropy", "reduction": "sum_over_batch_size", "from_logits": False, "label_smoothing": 0.0,
          "axis": -1}
    yield {"class_name": "CategoricalCrossentropy", "config": cce}
    yield {"class_name": "CategoricalCrossentropy", "config": dict(cce, axis=-1, fn="categorical_crossentropy")}
    yield {"class_name": "CategoricalCrossentropy", "config": dict(cce, reduction="sum_over_batch_size")}
    yield {"class_name": "CategoricalCrossentropy", "config": dict(cce, reduction="zzz")}
    yield {"class_name": "CategoricalCrossentropy", "config": dict(cce, zzz=1, yyy=2)}
    yield {"class_name": "CategoricalCrossentropy", "config": k3}
    yield {"class_name": "CategoricalCrossentropy", "config": dict(k3, dtype="float32")}
    yield module("CategoricalCrossentropy", "keras.losses", k3)
    yield module("CategoricalCrossentropy", "keras.losses", dict(k3, dtype="float32"))
    yield {"class_name": "SparseCategoricalCrossentropy", "config": {"reduction": "auto", "name": "s", "from_logits": True}}
    yield {"class_name": "SparseCategoricalCrossentropy", "config": {"reduction": "auto", "name": "s", "from_logits": True,
                                                                     "ignore_class": None}}
    yield {"class_name": "MeanSquaredError", "config": {"reduction": "auto", "name": "mean_squared_error"}}
    yield {"class_name": "BinaryCrossentropy", "config": {}}
    yield {"class_name": "LossFunctionWrapper", "config": {"reduction": "auto", "name": "x", "fn": "mse"}}
    yield {"class_name": "LossFunctionWrapper", "config": {"fn": "focal_loss", "name": "x", "reduction": "auto"}}
    yield {"class_name": "FocalLoss", "config": {"gamma": 2.0}}
    yield {"class_name": "Custom>FocalLoss", "config": {"gamma": 2.0}}
    yield {"class_name": "Addons>SigmoidFocalCrossEntropy", "config": {"alpha": 0.25}}
    yield module("FocalLoss", "mine", {"gamma": 2.0}, "mine>FocalLoss")
    yield module("FocalLoss", "builtins", {"gamma": 2.0}, "FocalLoss")
    yield module("function", "builtins", "focal_loss", "function")
    yield module("function", "builtins", "categorical_crossentropy", "function")
    yield module("function", "keras.losses", "categorical_crossentropy", "categorical_crossentropy")
    yield module("function", "keras.src.losses.losses", "mean_squared_error", "mean_squared_error")
    yield module("system", "os", {}, None)
    yield module("function", "os", "system", "function")
    yield {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}
    yield module("function", "builtins", {"module": "builtins", "class_name": "function", "config": "x"}, "function")
    yield {"class_name": "MeanSquaredError"}
    yield {"class_name": None, "config": {}}
    yield from (None, [], {}, 5, 0.5, True, [None], ["mse"], ["mse", "mae"], {"out": "mse"}, {"out": None}, {"other": "mse"},
                {"out": ["mse"]}, {"out": "focal_loss"}, [["mse"]], {"out": {"class_name": "MeanSquaredError", "config": {}}},
                [{"class_name": "MeanSquaredError", "config": {}}], ["focal_loss"], {"other": "mse", "more": "mae"}, "mse ")


def two_losses():
    yield from ("mse", ["mse", "categorical_crossentropy"], ["mse"], ["mse", None], {"a": "mse", "b": "mae"}, {"a": "mse"},
                {"a": "mse", "zz": "mae"}, ["mse", "mae", "mse"], {"a": "mse", "b": "focal_loss"}, None,
                "sparse_categorical_crossentropy", {"a": "mse", "b": None},
                [{"class_name": "MeanSquaredError", "config": {}}, {"class_name": "MeanSquaredError", "config": {}}])


METRICS = ("accuracy acc Accuracy crossentropy ce mse mae MSE mean_squared_error top_k_categorical_accuracy categorical_accuracy "
           "binary_accuracy sparse_categorical_accuracy sparse_top_k_categorical_accuracy cosine_similarity cosine_proximity AUC auc "
           "Precision Recall TopKCategoricalAccuracy CategoricalAccuracy F1Score f1_score top2 Custom>F1 binary_crossentropy "
           "categorical_crossentropy kld hinge lr precision fmeasure matthews_correlation Mean mean logcosh "
           "MeanSquaredError poisson MeanIoU").split() + [""]
WRAPPED = {"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "dtype": "float32", "fn": "categorical_accuracy"}}


def wrapped(function):
    return {"class_name": "MeanMetricWrapper", "config": {"name": "x", "dtype": "float32", "fn": function}}


def metrics():
    for name in METRICS:
        yield [name]
    auc = {"name": "auc", "dtype": "float32", "num_thresholds": 200, "curve": "ROC", "summation_method": "interpolation",
           "thresholds": [0.5], "multi_label": False, "label_weights": None}
    for written in (
            WRAPPED, wrapped("top2"), wrapped("mean_absolute_error"), wrapped("accuracy"),
            wrapped(module("function", "builtins", "top2", "function")),
            wrapped(module("function", "keras.metrics", "categorical_accuracy", "categorical_accuracy")),
            {"class_name": "MeanMetricWrapper", "config": {"name": "x"}},
            {"class_name": "CategoricalAccuracy", "config": {"name": "a", "dtype": "float32"}},
            {"class_name": "CategoricalAccuracy", "config": {"name": "a", "dtype": "float32", "zzz": 1}},
            {"class_name": "CategoricalAccuracy", "config": {"name": "a", "dtype": module("DTypePolicy", "keras", {"name": "float32"})}},
            {"class_name": "TopKCategoricalAccuracy", "config": {"name": "t", "dtype": "float32", "k": 5}},
            {"class_name": "TopKCategoricalAccuracy", "config": {"name": "t", "dtype": "float32", "fn": "top_k_categorical_accuracy",
                                                                 "k": 5}},
            {"class_name": "AUC", "config": auc}, {"class_name": "AUC", "config": dict(auc, num_labels=3, from_logits=False)},
            {"class_name": "Precision", "config": {"name": "precision", "dtype": "float32", "thresholds": None, "top_k": None,
                                                   "class_id": None}},
            {"class_name": "Recall", "config": {"name": "recall", "dtype": "float32"}},
            {"class_name": "MeanIoU", "config": {"num_classes": 3, "name": "m", "dtype": "float32"}},
            {"class_name": "F1Score", "config": {"name": "f", "dtype": "float32", "average": "macro", "threshold": None}},
            {"class_name": "F1", "config": {}}, {"class_name": "Addons>F1Score", "config": {"num_classes": 3}},
            {"class_name": "SumOverBatchSizeMetricWrapper", "config": {"name": "x", "dtype": "float32", "fn": "top2"}},
            module("CategoricalAccuracy", "keras.metrics", {"name": "a", "dtype": "float32"}),
            module("F1", "mine", {}, "mine>F1"), module("F1", "mine", {}, "F1"),
            module("function", "builtins", "top2", "function"), module("function", "keras.metrics", "mse", "mse"),
            {"class_name": "CategoricalAccuracy"}, None, 5, {"out": "acc"}):
        yield [written]
        if written and written != 5 and written.get("class_name") in ("MeanMetricWrapper", "AUC", "F1", "Precision", "CategoricalAccuracy"):
            yield [[written]]
    yield from (None, [], {}, 5, "accuracy", "top2", [["accuracy"]], [["accuracy"], ["mae"]], {"out": "accuracy"}, {"out": ["accuracy"]},
                {"out": ["top2"]}, {"other": ["accuracy"]}, WRAPPED, [["mse", "mae"]], ["accuracy", "accuracy"], ["mae", "mae"],
                [["accuracy", "mse"]], [[]], [None, None], ["accuracy", ["mae"]], [[["mae"]]], ["accuracy", "top_k_categorical_accuracy"])


def two_metrics():
    yield from (["accuracy"], [["accuracy"], ["mae"]], {"a": ["accuracy"]}, {"a": "acc", "b": ["mae", "mse"]}, {"zz": ["mae"]},
                [["accuracy"]], [[WRAPPED], [WRAPPED]], ["mae", "mse"], [["accuracy"], []], [None, ["mae"]], ["top2"], [WRAPPED])


def config(optimizer=PLAIN, loss="categorical_crossentropy", metrics=("accuracy",), **more):
    made = {"loss": loss, "metrics": list(metrics) if isinstance(metrics, tuple) else metrics, "weighted_metrics": None,
            "sample_weight_mode": None, "loss_weights": None, "optimizer_config": optimizer}
    made.update(more)
    return made


def without(key, optimizer=PLAIN):
    made = config(optimizer)
    del made[key]
    return made


def cases():
    """(model, training_config, state of the optimizer)"""
    for optimizer in optimizers():
        yield "one", config(optimizer, metrics=None), None
    both = (PLAIN, OLD)
    for form, optimizer in itertools.product(losses(), both):
        yield "one", config(optimizer, loss=form, metrics=None), None
    for form, optimizer in itertools.product(metrics(), both):
        yield "one", config(optimizer, metrics=form), None
    for optimizer in both:
        for form in (["mae"], ["accuracy"], [WRAPPED], ["top2"], [["mae"]], {"out": ["mae"]}, 5, {}):
            yield "one", config(optimizer, weighted_metrics=form), None
        for weights in ([1.0], [1.0, 2.0], {"out": 0.5}, {"zz": 1.0}, 5, "x", 0.5, {}, []):
            yield "one", config(optimizer, loss_weights=weights), None
        for mode in ("temporal", ["temporal"], {"out": "temporal"}, {"zz": None}, [None, None], {}, "zz", 5):
            yield "one", config(optimizer, sample_weight_mode=mode), None
        for key in config():
            yield "one", without(key, optimizer), None
        for form in two_losses():
            yield "two", config(optimizer, loss=form, metrics=None), None
        for form in two_metrics():
            yield "two", config(optimizer, loss="mse", metrics=form), None
        for weights in ([1.0, 2.0], [1.0], {"a": 0.5}, {"zz": 1.0}, 5):
            yield "two", config(optimizer, loss="mse", loss_weights=weights), None
        for state in ("empty", "no names", "dangling", "fits", "short", "shape", "dataset"):
            yield "one", config(optimizer), state
    for text in ("null", "[]", "5", "{}", '"text"', "{bad", "", '{"a": 1', "[1]", "true", '{"optimizer_config": NaN}', "{} x"):
        yield "one", text, None


def main():
    seen, out = set(), []
    for model, made, state in cases():
        text = made if isinstance(made, str) else json.dumps(made)
        if (model, text, state) not in seen:
            seen.add((model, text, state))
            out.append({"model": model, "training_config": text, "optimizer_state": state})
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in out) + "\n]\n")
    print(len(out), "cases")


if __name__ == "__main__":
    main()
