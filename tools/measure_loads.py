#!/usr/bin/env python
"""What an installed runtime does with every file of a folder, and whether `check` says the same.

    venv/bin/python tools/measure_loads.py load API FOLDER OUT.jsonl       in that runtime (API: keras, tensorflow.keras, tf_keras)
    python3 tools/measure_loads.py compare COMMAND ID FOLDER OUT.jsonl     COMMAND: the built resnet-verifier; ID: its row

The first runs under Python 2.7 to 3.13. Messages above 1,600 letters are cut as reports cut them.
"""
from __future__ import print_function

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import warnings

CALLS = (("load_model", {}), ("load_model(compile=False)", {"compile": False}))
SECONDS = 120


def package(name):
    """The Keras of that name."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    if name == "tensorflow.keras":
        import tensorflow

        return tensorflow.keras
    return importlib.import_module(name)


def too_long(*_):
    raise RuntimeError("no answer in %d s" % SECONDS)


def attempt(keras, path, arguments):
    """The outcome of one call."""
    try:
        keras.backend.clear_session()
        signal.alarm(SECONDS)
        keras.models.load_model(path, **arguments)
        return {"ok": True}
    except Exception as error:
        text = str(error)
        text = text if len(text) < 1600 else text[:1200] + " [...] " + text[-300:]
        return {"ok": False, "exception": type(error).__name__, "message": text}
    finally:
        signal.alarm(0)


def started(path):
    """The files that were begun before; one that ended the interpreter has no outcome."""
    return set(json.loads(line)["file"] for line in open(path)) if os.path.exists(path) else set()


def load(api, folder, out):
    """Loads every file, without compiling only where compiling failed. Goes on where an earlier run ended."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_long)
    keras, known, out = package(api), started(out), open(os.path.abspath(out), "a")
    os.chdir(folder)
    names = sorted(name for name in os.listdir(".") if name.endswith((".h5", ".hdf5", ".keras")))
    for name in names:
        for call, arguments in CALLS if name not in known else ():
            out.write(json.dumps({"file": name, "call": call}) + "\n")
            out.flush()
            outcome = attempt(keras, name, arguments)
            out.write(json.dumps(dict(outcome, file=name, call=call)) + "\n")
            out.flush()
            if outcome["ok"]:
                break


def plain(text):
    """A message without addresses and folders."""
    text = re.sub(r"0x[0-9a-fA-F.]+", "0x", text or "")
    return re.sub(r"\s+", " ", re.sub(r"[\w./~-]*/([\w.-]+\.(?:h5|hdf5|keras))", r"\1", text)).strip()


def judge(said, real):
    """How much of an outcome was said: nothing (unknown), wrong, outcome, type or message."""
    if said is None or said["outcome"] == "unknown":
        return "unknown"
    if (said["outcome"] == "fails") == real["ok"]:
        return "wrong"
    if real["ok"] or plain(said["message"]) == plain(real["message"]) and said["exception"] == real["exception"]:
        return "message"
    return "type" if said["exception"] == real["exception"] else "outcome"


def compare(command, runtime, folder, path):
    """Prints what differs, and the shares."""
    counts = {}
    for real in map(json.loads, open(path)):
        if "ok" not in real:
            continue
        done = subprocess.run([command, "check", os.path.join(folder, real["file"]), "--format", "json"], stdout=subprocess.PIPE)
        loads = json.loads(done.stdout)["loads"]
        said = next((load for load in loads if (load["runtime"], load["call"]) == (runtime, real["call"])), None)
        verdict = judge(said, real)
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict != "message":
            shown = said and (said["message"] or said["reason"])
            print(verdict, real["file"], real["call"], "| really", real.get("exception"), real.get("message", "")[:200], "| said", shown)
    print(runtime, sum(counts.values()), counts)


if __name__ == "__main__":
    {"load": load, "compare": compare}[sys.argv[1]](*sys.argv[2:])
