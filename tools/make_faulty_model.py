"""Copies a model file of tests/fixtures/models and spoils the copy in three ways, for tests that show several findings.

    python tools/make_faulty_model.py tests/fixtures/models

Needs h5py. Reads cifar8v1_full__tf215.h5 and writes many_faults.h5 beside it: one NaN in one kernel, zeros throughout
another, and one activation of the architecture changed from relu to tanh.
"""

import json
import shutil
import sys
from pathlib import Path

import h5py
import numpy


def main(folder: Path) -> None:
    target = folder / "many_faults.h5"
    shutil.copyfile(folder / "cifar8v1_full__tf215.h5", target)
    with h5py.File(target, "r+") as file:
        weights = file["model_weights"]
        weights["conv2d_5/conv2d_5/kernel:0"][0, 0, 0, 0] = numpy.nan
        weights["conv2d_2/conv2d_2/kernel:0"][...] = 0
        config = json.loads(file.attrs["model_config"])
        activations = [layer for layer in config["config"]["layers"] if layer["class_name"] == "Activation"]
        activations[1]["config"]["activation"] = "tanh"
        file.attrs.modify("model_config", json.dumps(config))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
