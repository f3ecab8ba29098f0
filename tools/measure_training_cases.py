#!/usr/bin/env python
"""Loads a small model with every training_config of a list, and writes what an installed Keras says to each.

    venv/bin/python tools/measure_training_cases.py API CASES.json OUT.json    (API: keras, tensorflow.keras or tf_keras)

Runs under Python 2.7 to 3.13 and Keras 1.2 to 3. CASES.json comes from `make_training_cases.py`. OUT.json has the versions and,
in the order of the cases, null where the model loaded, or the exception's type and message. The model is saved by the same
Keras, without having been compiled: one Dense of 3 units with softmax, named `out`, or two of them, `a` and `b`.
"""
from __future__ import print_function

import importlib
import io
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import h5py  # noqa: E402
import numpy  # noqa: E402

STATES = {"empty": [], "no names": None, "dangling": [b"gone:0"], "fits": [b"a:0"], "short": [b"a:0", b"b:0"], "shape": [b"b:0"]}


def version(api):
    """Version of this Keras; tf.keras has none of its own in some releases."""
    return getattr(api, "__version__", None) or sys.modules["tensorflow"].__version__


def build(api, outputs):
    """The model with outputs of these names."""
    layers = api.layers
    source = layers.Input(shape=(4,), name="in")
    made = [layers.Dense(3, activation="softmax", name=name)(source) for name in outputs]
    made = made[0] if len(made) == 1 else made
    if version(api).startswith("1."):
        return api.models.Model(input=source, output=made)
    return api.models.Model(inputs=source, outputs=made)


def prepare(base, path, case):
    """A copy of the saved model with the case's training_config and optimizer state."""
    shutil.copyfile(base, path)
    with h5py.File(path, "r+") as file:
        file.attrs["training_config"] = numpy.array(case["training_config"].encode("utf8"), dtype="S") \
            if case["training_config"] else numpy.array(b"", dtype="S1")
        state = case["optimizer_state"]
        if state == "dataset":
            file.create_dataset("optimizer_weights", data=numpy.zeros(3, "f4"))
        elif state:
            group = file.create_group("optimizer_weights")
            group.create_dataset("a:0", data=numpy.int64(7))
            group.create_dataset("b:0", data=numpy.zeros((2, 2), "f4"))
            if STATES[state] is not None:
                group.attrs["weight_names"] = numpy.array(STATES[state], dtype="S8")


def outcome(api, path, folder):
    """None, or what loading raised."""
    try:
        api.backend.clear_session()
    except Exception:
        pass
    try:
        api.models.load_model(path)
    except Exception as error:
        message = re.sub(r"0x[0-9a-f]{6,}", "0x...", str(error)).replace(folder + os.sep, "")
        return [type(error).__name__, message]


def main():
    name, cases, out = sys.argv[1:4]
    warnings.simplefilter("ignore")
    api = importlib.import_module(name)
    import tensorflow
    for log in ("tensorflow", "absl"):
        __import__("logging").getLogger(log).setLevel("ERROR")
    folder = tempfile.mkdtemp()
    bases = {}
    for model, outputs in (("one", ["out"]), ("two", ["a", "b"])):
        bases[model] = os.path.join(folder, model + ".h5")
        build(api, outputs).save(bases[model])
    found = []
    path = os.path.join(folder, "case.h5")
    with io.open(cases, encoding="utf8") as file:
        cases = json.load(file)
    for case in cases:
        prepare(bases[case["model"]], path, case)
        found.append(outcome(api, path, folder))
    result = {"certificate": {"script": "tools/measure_training_cases.py", "api": name, "python": platform.python_version(),
                              "keras": version(api), "tensorflow": tensorflow.__version__, "h5py": h5py.__version__,
                              "hdf5": h5py.version.hdf5_version, "numpy": numpy.__version__},
              "outcomes": found}
    with open(out, "w") as file:
        json.dump(result, file, indent=0)
    shutil.rmtree(folder)
    print(name, len(found), sum(1 for f in found if f))


if __name__ == "__main__":
    main()
