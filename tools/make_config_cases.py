#!/usr/bin/env python
"""Asks an installed Keras 3 what it makes of small model configs, most of them faulty, and adds its answers to a fixture.

    venv/bin/python tools/make_config_cases.py ID tests/fixtures/loaders/keras3.json

The configs are as `load_model` of an .h5 file gets them. What comes back per config: null where there is a model, else the
exception and its message.
"""
import copy
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


def layer(class_name, name, config=None, inputs=None, **more):
    """A layer as Keras 2 writes it."""
    config = dict({"name": name, "trainable": True, "dtype": "float32"}, **(config or {}))
    made = dict({"class_name": class_name, "config": config}, **more)
    if inputs is not None:
        made["name"] = name
        made["inbound_nodes"] = [[[i, 0, 0, {}] for i in inputs]] if inputs else []
    return made


def source(name="input_1", shape=(None, 8, 8, 3), **more):
    return layer("InputLayer", name, dict({"batch_input_shape": list(shape)}, **more), [])


def conv(name, inputs=None, **config):
    return layer("Conv2D", name, dict({"filters": 4, "kernel_size": [3, 3]}, **config), inputs)


def graph(layers, output, name="model", **more):
    config = {"name": name, "layers": layers, "input_layers": [[layers[0]["name"], 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": dict(config, **more)}


def chain(*layers):
    """A graph of layers, one behind the other."""
    layers = [source()] + [copy.deepcopy(one) for one in layers]
    for before, one in zip(layers, layers[1:]):
        one["name"] = one["config"]["name"]
        one["inbound_nodes"] = [[[before["config"]["name"], 0, 0, {}]]]
    return graph(layers, layers[-1]["config"]["name"])


def stack(*layers, **more):
    return {"class_name": "Sequential", "config": dict({"name": "stack", "layers": list(layers)}, **more)}


def dense(name="dense", units=2, **config):
    return layer("Dense", name, dict({"units": units}, **config))


def pool(name="pool"):
    return layer("GlobalAveragePooling2D", name)


def nested(name="inner"):
    inner = graph([source("inner_in"), conv("c", ["inner_in"])], "c", name)
    return inner


def called(model, inputs, node=None):
    model = copy.deepcopy(model)
    model["name"] = model["config"]["name"]
    model["inbound_nodes"] = [[[inputs, 0, 0, {}]]]
    return model


def with_module(one, module="keras.layers", **more):
    return dict(copy.deepcopy(one), module=module, registered_name=None, **more)


def without(value, *path):
    value = copy.deepcopy(value)
    at = value
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return value


def cases():
    """Every config, by what is odd about it."""
    glorot = {"class_name": "GlorotUniform", "config": {"seed": None}}
    yield "plain", chain(conv("a"), layer("BatchNormalization", "bn", {"axis": [3], "momentum": 0.9, "epsilon": 0.001}), pool(), dense())
    yield "unknown layer", chain(layer("MyLayer", "mine"))
    yield "unknown argument", chain(conv("a", zzz=1, yyy=2))
    yield "unknown initializer", chain(conv("a", kernel_initializer={"class_name": "Mine", "config": {}}))
    yield "initializer by a wrong name", chain(conv("a", kernel_initializer="mine"))
    yield "initializer with dtype", chain(conv("a", kernel_initializer={"class_name": "Zeros", "config": {"dtype": "float32"}}))
    yield "initializer argument", chain(conv("a", kernel_initializer={"class_name": "GlorotUniform", "config": {"zzz": 1}}))
    yield "initializer without config", chain(conv("a", kernel_initializer={"class_name": "GlorotUniform"}))
    yield "initializer of another module", chain(conv("a", kernel_initializer=dict(glorot, module="mine", registered_name="Mine>X")))
    yield "initializer module null", chain(conv("a", kernel_initializer=dict(glorot, module=None)))
    yield "initializer number", chain(conv("a", kernel_initializer=5))
    yield "regularizer by name", chain(conv("a", kernel_regularizer="l2"))
    yield "unknown regularizer", chain(conv("a", kernel_regularizer="mine"))
    yield "unknown constraint", chain(conv("a", kernel_constraint={"class_name": "Mine", "config": {}}))
    yield "unknown activation", chain(conv("a", activation="mine"))
    yield "activation object", chain(conv("a", activation={"class_name": "Mine", "config": {}}))
    yield "name with slash", chain(layer("Activation", "a/b", {"activation": "relu"}))
    yield "filters missing", chain(layer("Conv2D", "a", {"kernel_size": [3, 3]}))
    yield "filters and kernel missing", chain(layer("Conv2D", "a"))
    yield "filters zero", chain(conv("a", filters=0))
    yield "kernel of three", chain(conv("a", kernel_size=[3, 3, 3]))
    yield "strides zero", chain(conv("a", strides=[0, 0]))
    yield "strides and dilation", chain(conv("a", strides=[2, 2], dilation_rate=[2, 2]))
    yield "groups", chain(conv("a", groups=3))
    yield "input channels and groups", chain(conv("a", groups=2))
    yield "kernel larger than picture", chain(conv("a", kernel_size=[9, 9]))
    yield "pool larger than picture", chain(layer("MaxPooling2D", "p", {"pool_size": [9, 9], "strides": [2, 2], "padding": "valid"}))
    yield "dense units", chain(dense(units=0))
    yield "policy", chain(conv("a", dtype={"class_name": "Policy", "config": {"name": "mixed_float16"}}))
    yield "policy of a module", chain(conv("a", dtype={"module": "keras.mixed_precision", "class_name": "Policy", "config": {"name": "mixed_float16"}, "registered_name": None}))
    yield "policy object", chain(conv("a", dtype={"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, "registered_name": None}), pool(), dense())
    yield "dtype unknown", chain(conv("a", dtype="float1"))
    yield "axis of two", chain(layer("BatchNormalization", "bn", {"axis": [1, 2]}))
    yield "axis number", chain(layer("BatchNormalization", "bn", {"axis": 1}))
    yield "axis with module", chain(with_module(layer("BatchNormalization", "bn", {"axis": [3]})))
    yield "depthwise groups", chain(layer("DepthwiseConv2D", "d", {"kernel_size": [3, 3], "groups": 1}))
    yield "flip", chain(layer("RandomFlip", "f", {"mode": "horizontal", "seed": None, "data_format": "channels_last"}))
    two = [source(), conv("a", ["input_1"]), conv("b", ["input_1"], filters=5)]
    yield "add unequal", graph(two + [layer("Add", "add", {}, ["a", "b"])], "add")
    yield "add one", graph(two + [layer("Add", "add", {}, ["a"])], "add")
    yield "concatenate", graph(two + [layer("Concatenate", "join", {"axis": -1}, ["a", "b"])], "join")
    small = [source(), conv("a", ["input_1"]), conv("b", ["input_1"], kernel_size=[1, 1])]
    yield "concatenate unequal", graph(small + [layer("Concatenate", "join", {"axis": -1}, ["a", "b"])], "join")
    yield "missing inbound", graph([source(), conv("a", ["nowhere"])], "a")
    yield "loop", graph([source(), layer("Add", "a", {}, ["input_1", "b"]), layer("Activation", "b", {"activation": "relu"}, ["a"])], "b")
    yield "missing output", graph([source(), conv("a", ["input_1"])], "nowhere")
    yield "same name", graph([source(), conv("a", ["input_1"]), conv("a", ["a"])], "a")
    yield "backwards", graph([source(), layer("Activation", "c", {"activation": "relu"}, ["b"]), layer("Activation", "b", {"activation": "relu"}, ["a"]), conv("a", ["input_1"])], "c")
    yield "disconnected", graph([source(), source("other"), conv("a", ["other"])], "a")
    yield "node index", dict(graph([source(), conv("a", ["input_1"])], "a"), config=dict(graph([source(), conv("a", ["input_1"])], "a")["config"], output_layers=[["a", 1, 0]]))
    yield "flat output", dict(graph([source(), conv("a", ["input_1"])], "a"), config=dict(graph([source(), conv("a", ["input_1"])], "a")["config"], output_layers=["a", 0, 0]))
    yield "training keyword", graph([source(), dict(conv("a", ["input_1"]), inbound_nodes=[[["input_1", 0, 0, {"training": False}]]])], "a")
    yield "other keyword", graph([source(), dict(conv("a", ["input_1"]), inbound_nodes=[[["input_1", 0, 0, {"zzz": 1}]]])], "a")
    yield "nested", graph([source(), called(nested(), "input_1"), dict(layer("Flatten", "f", {}, ["inner"]), inbound_nodes=[[["inner", 1, 0, {}]]])], "f")
    yield "nested first call", graph([source(), called(nested(), "input_1"), layer("Flatten", "f", {}, ["inner"])], "f")
    for name, behind in [
        ("pool", [pool(), dense()]), ("dense", [dense()]), ("flatten", [layer("Flatten", "f"), dense()]), ("conv", [conv("d")]),
        ("bn", [layer("BatchNormalization", "bn", {"axis": [3]})]), ("dropout", [layer("Dropout", "drop", {"rate": 0.5}), pool()]),
    ]:
        yield "stack of a model and " + name, stack(source("stack_in"), nested(), *behind)
        yield "stack without input of a model and " + name, stack(nested(), *behind)
    yield "stack", stack(source("stack_in"), conv("a"), pool(), dense())
    yield "stack with shape in the first layer", stack(conv("a", batch_input_shape=[None, 8, 8, 3]), pool(), dense())
    yield "stack without shape", stack(conv("a"), pool(), dense())
    yield "stack with build_input_shape", stack(conv("a"), pool(), dense(), build_input_shape=[None, 8, 8, 3])
    yield "stack of a list", {"class_name": "Sequential", "config": [conv("a")]}
    yield "stack without a name", {"class_name": "Sequential", "config": {"layers": [conv("a")]}}
    yield "stack with a name twice", stack(source("stack_in"), conv("a"), conv("a"))
    yield "stack of two inputs", stack(source("stack_in"), source("other"))
    yield "stack, wrong rank", stack(source("stack_in", (None, 10)), conv("a"))
    yield "a list", [conv("a")]
    yield "no class name", without(chain(conv("a")), "class_name")
    yield "no config", without(chain(conv("a")), "config")
    yield "no layers", without(chain(conv("a")), "config", "layers")
    yield "model without layers", dict(without(chain(conv("a")), "config", "layers"), class_name="Model")
    yield "no output layers", without(chain(conv("a")), "config", "output_layers")
    yield "no layer name", without(chain(conv("a")), "config", "layers", 1, "name")
    yield "no inbound nodes", without(chain(conv("a")), "config", "layers", 1, "inbound_nodes")
    yield "no layer config", without(chain(conv("a")), "config", "layers", 1, "config")
    yield "no layer class", without(chain(conv("a")), "config", "layers", 1, "class_name")
    yield "module", chain(with_module(conv("a", kernel_initializer=glorot)), with_module(pool()), with_module(dense()))
    yield "module, unknown class", chain(with_module(layer("Mine", "m")))
    yield "custom module", chain(with_module(layer("Mine", "m"), "mine.layers"))
    yield "no module", chain(with_module(layer("Mine", "m"), None))
    yield "module, unknown argument", chain(with_module(conv("a", zzz=1)))
    yield "module, old input shape", chain(with_module(conv("a", batch_input_shape=[None, 8, 8, 3])))
    yield "module, registered name", chain(dict(with_module(conv("a")), registered_name="Mine>Conv2D"))
    yield "module, built for another shape", chain(with_module(conv("a"), build_config={"input_shape": [None, 8, 8, 5]}))
    yield "module of Keras 2", chain(with_module(layer("Conv2D", "a", {"filters": 4, "kernel_size": 3}), "keras.src.layers.convolutional.conv2d"))
    yield "wrong rank", chain(pool(), conv("a"))
    yield "reshape", chain(layer("Reshape", "r", {"target_shape": [5, 5]}))
    yield "flatten and dense", chain(layer("Flatten", "f", {"data_format": "channels_last"}), dense(), layer("Softmax", "s", {"axis": -1}))
    yield "crop too much", chain(layer("Cropping2D", "c", {"cropping": [[4, 4], [4, 4]]}))
    yield "padding and pool", chain(layer("ZeroPadding2D", "z", {"padding": [[1, 1], [1, 1]]}), layer("MaxPooling2D", "p", {"pool_size": [3, 3], "strides": [2, 2]}))
    yield "input without shape", graph([layer("InputLayer", "input_1", {}, []), conv("a", ["input_1"])], "a")
    yield "input with more", graph([source(sparse=False, ragged=False, optional=True), conv("a", ["input_1"])], "a")
    yield "lambda", chain(layer("Lambda", "l", {"function": ["4wEAAAAAAAAAAAAAAAEAAAAAAAAA", None, None], "function_type": "lambda", "module": "m", "output_shape": None}))
    yield "lambda without function", chain(layer("Lambda", "l"))
    yield "time distributed", chain(layer("TimeDistributed", "t", {"layer": dense()}))
    yield "passive", chain(conv("a", kernel_initializer={"class_name": "HeNormal", "config": {}, "__passive_serialization__": True}))
    yield "units of a string", chain(dense(units="2"))
    yield "trainable null", chain(layer("Activation", "a", {"activation": "relu", "trainable": None}))


def outcome(config):
    """What Keras makes of a config."""
    from keras.src.legacy.saving import saving_options, saving_utils
    from keras.src.saving import serialization_lib

    class Endless(BaseException):
        pass

    def ring(*_):
        raise Endless()

    import signal

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(20)
    try:
        keras_version = tuple(int(part) for part in __import__("keras").__version__.split("."))
        with saving_options.keras_option_scope(use_legacy_config=True):
            if keras_version >= (3, 11, 3):
                with serialization_lib.SafeModeScope(True):
                    saving_utils.model_from_config(config)
            else:
                saving_utils.model_from_config(config)
    except Endless:
        return ["Timeout", "no answer within the limit"]
    except Exception as error:
        return [type(error).__name__, str(error)]
    finally:
        signal.alarm(0)


def main():
    runtime, path = sys.argv[1], pathlib.Path(sys.argv[2])
    import keras

    known = json.loads(path.read_text()) if path.exists() else {"cases": []}
    answers = {case["name"]: case["outcomes"] for case in known["cases"]}
    made = []
    for name, config in cases():
        keras.backend.clear_session()
        outcomes = dict(answers.get(name, {}), **{runtime: outcome(copy.deepcopy(config))})
        made.append({"name": name, "config": config, "outcomes": outcomes})
    certificate = dict(known.get("certificates", {}), **{runtime: "keras %s, Python %d.%d.%d" % ((keras.__version__,) + sys.version_info[:3])})
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in made)
    head = json.dumps({"script": "tools/make_config_cases.py", "certificates": certificate}, separators=(",", ":"))
    path.write_text(head[:-1] + ',"cases":[\n' + lines + "\n]}\n")


main()
