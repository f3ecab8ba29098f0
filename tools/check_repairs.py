#!/usr/bin/env python
"""Loads every repaired copy in the runtime it was made for, and compares what it predicts with what its saver predicted.

    python3 tools/check_repairs.py make COMMAND CORPUS FOLDER RUNTIME…   writes the copies, and FOLDER/RUNTIME.json
    venv/bin/python tools/check_repairs.py try CORPUS FOLDER RUNTIME [WORD]
                                                 in that runtime; adds to FOLDER/RUNTIME.tried.json; files with WORD in the name
    python3 tools/check_repairs.py table FOLDER RUNTIME… > docs/repairs.md

COMMAND is the built resnet-verifier, CORPUS a folder with files/, inputs/ and index.json (what savers predicted, in memory,
before they saved) and matrix.json (what the runtimes did with the originals). A copy counts as good when the plain
`load_model(path)` loads it and no number of the prediction differs by more than 1e-4. Where the saver's prediction is not
known, that of a runtime which loads the original stands for it.
"""
from __future__ import division, print_function

import hashlib
import io
import json
import os
import subprocess
import sys

LIMIT = 1e-4


def read(*path):
    with io.open(os.path.join(*path), encoding="utf8") as file:
        return json.load(file)


def write(value, *path):
    with open(os.path.join(*path), "w") as file:
        json.dump(value, file, indent=1, sort_keys=True)
        file.write("\n")


def make(command, corpus, folder, runtimes):
    """Asks for a repair of every file for every runtime."""
    for runtime in runtimes:
        offers = []
        for case in read(corpus, "index.json"):
            path = os.path.join(corpus, case["file"])
            name = os.path.basename(path)
            out = os.path.join(folder, runtime + "__" + name)
            call = [command, "repair", path, "--for", runtime, "-o", out, "--format", "json"]
            done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
            offer = {"file": name, "copy": out}
            if done.returncode == 0:
                answer = json.loads(done.stdout)
                offer["changes"], offer["anew"] = answer["changes"], answer["written_anew"]
            else:
                offer["refusal"] = done.stderr.strip().split(": no repair for ")[-1]
            offers.append(offer)
        write(offers, folder, runtime + ".json")
        print(runtime, sum("changes" in offer for offer in offers), "of", len(offers), file=sys.stderr)


def api(runtime):
    """The Keras of a runtime, by the kind of its name."""
    if runtime.startswith("tfk"):
        import tf_keras
        return tf_keras
    if runtime.startswith("tf"):
        import tensorflow
        return tensorflow.keras
    import keras
    return keras


def versions():
    found = {"python": sys.version.split()[0]}
    for name in ("keras", "tensorflow", "tf_keras", "h5py", "numpy"):
        module = sys.modules.get(name)
        if module is not None and hasattr(module, "__version__"):
            found[name] = module.__version__
    return found


def load(keras, path):
    """The model in a file, and the shape it takes."""
    model = keras.models.load_model(path)
    shape = model.input_shape[0] if isinstance(model.input_shape, list) else model.input_shape
    shape = list(shape.values())[0] if isinstance(shape, dict) else shape
    return model, shape


def predict(model, shape, corpus, case):
    """What a model predicts, as a flat list."""
    import numpy

    picture = numpy.load(os.path.join(corpus, case["input"]))
    if case.get("input_transposed_to_nchw") or (shape[1] in (1, 3) and shape[-1] not in (1, 3)):
        picture = numpy.ascontiguousarray(picture.transpose(0, 3, 1, 2))
    output = model.predict(picture)
    output = output[0] if isinstance(output, list) else output
    return numpy.asarray(output, dtype="float64").ravel()


def attempt(keras, path, corpus, case, expected):
    """Loads, or the exception; and how far the prediction is off."""
    try:
        model, shape = load(keras, path)
    except Exception as error:  # noqa: B902  whatever the runtime raises is the result
        return {"loads": False, "says": "{}: {}".format(type(error).__name__, str(error)[-600:])}
    try:
        found = predict(model, shape, corpus, case)
    except Exception as error:  # noqa: B902  channels first, which no CPU of TensorFlow's computes
        return {"loads": True, "predict": "{}: {}".format(type(error).__name__, str(error)[-600:])}
    if expected is None:
        return {"loads": True, "output": [float(number) for number in found[:64]]}
    import numpy
    expected = numpy.asarray([float(number) for number in expected], dtype="float64").ravel()
    length = min(len(expected), len(found))
    gap = numpy.abs(found[:length] - expected[:length])
    both = numpy.isnan(found[:length]) & numpy.isnan(expected[:length])
    gap[both | (found[:length] == expected[:length])] = 0
    return {"loads": True, "off": float(gap.max()) if length else None}


def recorded(outcome):
    """What a runtime was seen to do with the original."""
    if outcome is None:
        return None
    return {"loads": True} if outcome["ok"] else {"loads": False, "says": outcome["exc"] + ": " + outcome["msg"]}


def flat(value):
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    return [value]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read()).hexdigest()


def attempts(corpus, folder, runtime, word=""):
    """Tries every copy that differs from its original and was not tried yet; what the original does, CORPUS/matrix.json knows.
    Savers' own files first."""
    keras = api(runtime)
    cases = {os.path.basename(case["file"]): case for case in read(corpus, "index.json")}
    known = read(corpus, "matrix.json")["files"]
    offers = [offer for offer in read(folder, runtime + ".json") if offer.get("changes")]
    there = os.path.exists(os.path.join(folder, runtime + ".tried.json"))
    results = read(folder, runtime + ".tried.json")["results"] if there else []
    results = {result["file"]: result for result in results if result["file"] in [offer["file"] for offer in offers]}
    offers = [offer for offer in offers if word in offer["file"]]
    for offer in sorted(offers, key=lambda offer: cases[offer["file"]]["made_by"] == "make_bad.py"):
        case = cases[offer["file"]]
        made = digest(offer["copy"])
        if results.get(offer["file"], {}).get("made") == made:
            continue
        expected = case.get("saver_output") or (case.get("reference_output") or {}).get("output")
        expected = flat(expected) if expected else None
        result = {"file": offer["file"], "changes": len(offer["changes"]), "made": made}
        result["anew"] = offer.get("anew", False)
        result["copy"] = attempt(keras, offer["copy"], corpus, case, expected)
        result["original"] = recorded(known.get(offer["file"], {}).get(runtime, {}).get("load_model"))
        keras.backend.clear_session()
        print(json.dumps(result), file=sys.stderr)
        results[offer["file"]] = result
        done = [results[name] for name in sorted(results)]
        write({"runtime": runtime, "versions": versions(), "results": done}, folder, runtime + ".tried.json")


def is_good(result):
    copy = result["copy"]
    return copy["loads"] and "predict" not in copy and (copy.get("off") is None or copy["off"] <= LIMIT)


def outcome(attempt):
    if attempt is None:
        return "not tried"
    if not attempt["loads"]:
        return "`" + attempt["says"].split("\n")[0][:80].replace("|", "\\|").replace("`", "'") + "`"
    if "predict" in attempt:
        return "loads; predicting: `" + attempt["predict"].split("\n")[0][:80].replace("`", "'") + "`"
    return "loads" + ("" if attempt.get("off") is None else ", {:.0e}".format(attempt["off"]))


def table(folder, runtimes):
    """The results as Markdown."""
    print("# Repairs, tried\n")
    print("Made by `tools/check_repairs.py`. Repairs that are offered for files of the corpus were loaded with plain")
    print("`load_model(path)` in the runtime it was made for, and their predictions compared with those of the program that saved")
    print("the file; the number is the largest difference. What is channels first loads, and TensorFlow computes it on no CPU:")
    print("the originals don't predict there either.\n")
    for runtime in runtimes:
        tried = read(folder, runtime + ".tried.json")
        offers = read(folder, runtime + ".json")
        results = tried["results"]
        print("## {}\n".format(runtime))
        print(", ".join("{} {}".format(*item) for item in sorted(tried["versions"].items())) + ".")
        good = sum(map(is_good, results))
        left = sum(offer.get("changes") == [] for offer in offers)
        offered = sum(bool(offer.get("changes")) for offer in offers)
        counts = (len(offers), left, offered, len(results), good)
        print("{} files: {} need nothing, {} repairs are offered, {} of them were tried, {} are good.\n".format(*counts))
        print("| file | how | changes | as it was | repaired |\n|---|---|---|---|---|")
        for result in results:
            before, after = outcome(result["original"]), outcome(result["copy"])
            how = "new file" if result["anew"] else "patch"
            print("| {} | {} | {} | {} | {} |".format(result["file"], how, result["changes"], before, after))
        print("")
        refusals = [offer for offer in offers if "refusal" in offer]
        print("Not offered: {}.\n".format(len(refusals)))


def main():
    mode, rest = sys.argv[1], sys.argv[2:]
    if mode == "make":
        make(rest[0], rest[1], rest[2], rest[3:])
    elif mode == "try":
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
        attempts(*rest)
    elif mode == "table":
        table(rest[0], rest[1:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
