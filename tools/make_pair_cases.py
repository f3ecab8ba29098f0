#!/usr/bin/env python3
"""Small networks, files of weights for them, and what a real runtime does with every file in every network.

    RUNTIME=tf215 python make_pair_cases.py save tests/fixtures/pairs      the networks as JSON and the weights
    RUNTIME=k315 python make_pair_cases.py load tests/fixtures/pairs       adds what this runtime does to expected.json

Networks: a block whose shortcut stands behind (`classic`) or before (`modern`) its branch in the addition, which decides the
order of the layers; the first without classifier (`headless`), and that in a Sequential (`nested`).
Runs in Keras 2.2 to 3 and tf.keras; files are `NETWORK__RUNTIME.h5` and, where the runtime has that format,
`NETWORK__RUNTIME.weights.h5`. `legacy__RUNTIME.weights.h5` is `classic__RUNTIME.h5` under a name that means the other format.
"""
import json
import os
import re
import sys

try:
    import tensorflow as tf
except ImportError:
    tf = None
RUNTIME = os.environ["RUNTIME"]
if RUNTIME.startswith("tf"):
    from tensorflow import keras
else:
    import keras
L = keras.layers
CALLS = {
    "load_weights": {},
    "load_weights(by_name=True)": {"by_name": True},
    "load_weights(by_name=True, skip_mismatch=True)": {"by_name": True, "skip_mismatch": True},
}


def trunk(shortcut_first):
    image = L.Input(shape=(8, 8, 3), name="image")
    stem = L.Conv2D(4, 3, padding="same", name="stem_conv")(image)
    stem = L.BatchNormalization(name="stem_bn")(stem)
    branch = L.Conv2D(2, 1, name="branch_1_conv")(stem)
    branch = L.Conv2D(2, 3, padding="same", name="branch_2_conv")(branch)
    branch = L.Conv2D(6, 1, name="branch_3_conv")(branch)
    shortcut = L.Conv2D(6, 1, name="shortcut_conv")(stem)
    parts = [shortcut, branch] if shortcut_first else [branch, shortcut]
    out = L.Add(name="add")(parts)
    return image, L.GlobalAveragePooling2D(name="pool")(out)


def classic():
    image, out = trunk(False)
    return keras.models.Model(image, L.Dense(3, name="classes")(out), name="classic")


def modern():
    image, out = trunk(True)
    return keras.models.Model(image, L.Dense(3, name="classes")(out), name="modern")


def headless():
    return keras.models.Model(*trunk(False), name="headless")


def nested():
    model = keras.models.Sequential([headless(), L.Dense(3, name="classes")], name="nested")
    model.build((None, 8, 8, 3))  # Keras 3.0 does not do so by itself.
    return model


NETWORKS = {"classic": classic, "modern": modern, "headless": headless, "nested": nested}


def clean(text, folder):
    text = re.sub(r"0x[0-9a-f]+", "0x...", text.replace(folder + os.sep, ""))
    return re.sub(r"numpy=.*", "numpy=...", text, flags=re.S)


def outcome(build, path, options, folder):
    keras.backend.clear_session()
    model = build()
    try:
        model.load_weights(path, **options)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, clean(str(error), folder))
    return "loads"


def save(folder):
    for name, build in NETWORKS.items():
        keras.backend.clear_session()
        model = build()
        with open(os.path.join(folder, "%s__%s.json" % (name, RUNTIME)), "w") as out:
            out.write(model.to_json())
        for ending in ("h5", "weights.h5"):
            path = os.path.join(folder, "%s__%s.%s" % (name, RUNTIME, ending))
            try:
                model.save_weights(path)
            except ValueError as error:  # Keras 3 takes .weights.h5 only.
                print(path, error)


def load(folder):
    path = os.path.join(folder, "expected.json")
    expected = json.load(open(path)) if os.path.exists(path) else {}
    rows = expected[RUNTIME] = {}
    for file in sorted(name for name in os.listdir(folder) if name.endswith(".h5")):
        for name, build in NETWORKS.items():
            # The other calls go by names, which are the same in all networks.
            for call, options in list(CALLS.items())[: None if name == "classic" else 1]:
                rows["%s in %s, %s" % (file, name, call)] = outcome(build, os.path.join(folder, file), options, folder)
    with open(path, "w") as out:
        json.dump(expected, out, indent=1, sort_keys=True)
        out.write("\n")


{"save": save, "load": load}[sys.argv[1]](os.path.abspath(sys.argv[2]))
