#!/usr/bin/env python
"""Asks an installed Keras what its load_model would accept in an .h5 file, and writes the answers as one JSON.

    venv/bin/python tools/dump_runtime.py ID API OUT.json       (API: keras, tensorflow.keras or tf_keras)

Runs under Python 2.7 to 3.13 and Keras 1.2 to 3. Nothing is read from sources: the script loads a file whose only layer is a
class of its own, so that everything below happens inside this runtime's real `load_model`, with its scopes and tables:

* which names each table has: the `module_objects` that the runtime's own deserialiser is called with are caught on the way;
* which arguments each class takes: one configuration per candidate, and whether it is refused as a name that can't exist is;
* the exceptions and messages of every refusal, with the names, lists and configurations in it replaced by placeholders.

Kinds that are deserialised after the model (optimizers, losses, metrics) are asked outside those scopes where Keras 3 does so.
"""
from __future__ import print_function

import json
import os
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from runtime_facts import certificate, routes, tables, trials  # noqa: E402


class Done(BaseException):
    """Ends the loading once everything was asked."""


class Probe(object):
    """The only class in the file that is loaded: being made from its configuration, it asks the questions."""

    work = None

    @classmethod
    def from_config(cls, config):
        """Called by the runtime's load_model."""
        cls.work()
        raise Done()


def inside_load_model(api, work):
    """Runs `work` within this runtime's load_model of an .h5 file."""
    import h5py
    import numpy

    handle, path = tempfile.mkstemp(suffix=".h5")
    os.close(handle)
    with h5py.File(path, "w") as file:
        config = json.dumps({"class_name": "Probe", "config": {}})
        file.attrs["model_config"] = numpy.array(config.encode("utf8"))
        file.attrs["keras_version"] = numpy.array(b"2.2.4")
        file.attrs["backend"] = numpy.array(b"tensorflow")
        file.create_group("model_weights").attrs["layer_names"] = numpy.array([], dtype="S1")
    Probe.work = staticmethod(work)
    if routes.major(api) == 3:
        # Keras 3.0 leaves the custom objects given to load_model out when the file is an .h5.
        api.saving.get_custom_objects()["Probe"] = Probe
    try:
        api.models.load_model(path, custom_objects={"Probe": Probe})
        raise SystemExit("load_model did not ask for the class in the file")
    except Done:
        pass
    finally:
        os.remove(path)


def kind_facts(api, kind, known, objects):
    """Everything about one kind: its names, its classes, what it says to what it doesn't know. What is in its table is added to
    `objects`."""
    route = routes.of(api, kind)
    found = tables.of(route)
    objects.extend(found.values())
    facts = tables.sorted_out(route, found)
    facts["unknown"] = trials.unknown(route)
    facts["case_insensitive"] = tables.case_insensitive(route, found)
    # Keras 1 never calls an initializer with a configuration.
    facts["functions_take_configs"] = kind != "initializers" or routes.major(api) > 1
    if kind in routes.TRIED:
        trials.add(api, route, facts, found, known)
    return facts


def main():
    """Dumps one runtime."""
    name, api_name, out = sys.argv[1:4]
    warnings.simplefilter("ignore")
    api = routes.api(api_name)
    result = {"id": name, "certificate": certificate.of(api, api_name), "kinds": {}}
    inside, outside = routes.kinds(api)
    objects = []

    def ask(kinds):
        for kind in kinds:
            print(name, kind, file=sys.stderr)
            result["kinds"][kind] = kind_facts(api, kind, result["kinds"], objects)

    inside_load_model(api, lambda: ask(inside))
    ask(outside)
    result["registered"] = tables.registered(api, objects)
    result["modules"] = tables.modules(api)
    with open(out, "w") as file:
        json.dump(result, file, indent=1, sort_keys=True, default=routes.bare)
        file.write("\n")


if __name__ == "__main__":
    main()
