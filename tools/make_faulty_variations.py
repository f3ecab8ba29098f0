#!/usr/bin/env python3
"""Copies .h5 models with one fault each: in the architecture, in the weights' lists and shapes, in what is said of training.

    venv/bin/python tools/make_faulty_variations.py FOLDER MODEL.h5...        (any Python 3 with h5py)

Writes FOLDER/FAULT__MODEL.h5. A fault for which a model has no place is left out. For `measure_loads.py`.
"""
import copy
import json
import os
import shutil
import sys

import h5py
import numpy


class Absent(Exception):
    """The model has no place for the fault."""


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def layers(config):
    """All layers, those of models in the model first."""
    listed = config["config"]["layers"] if isinstance(config["config"], dict) else config["config"]
    for layer in listed:
        if isinstance(layer.get("config"), (list, dict)) and "layers" in layer["config"]:
            yield from layers(layer)
        yield layer


def first(config, *classes, holding=None):
    for layer in layers(config):
        if layer["class_name"] in classes and (holding is None or holding in layer["config"]):
            return layer
    raise Absent


def outermost(config):
    if not isinstance(config["config"], dict) or "input_layers" not in config["config"]:
        raise Absent
    return config["config"]


def called(config):
    """The first layer of the outermost graph that is called on another."""
    return next(layer for layer in outermost(config)["layers"] if layer.get("inbound_nodes"))


def setting(classes, argument, value):
    def fault(config):
        first(config, *classes.split())["config"][argument] = value

    return fault


def dropping(classes, argument):
    def fault(config):
        arguments = first(config, *classes.split(), holding=argument)["config"]
        del arguments[argument]

    return fault


def without(key, where=called):
    def fault(config):
        where(config).pop(key)

    return fault


def with_key(key, value, where=called):
    def fault(config):
        where(config)[key] = value

    return fault


def references(value):
    """The references `[name, node, tensor, …]` or `keras_history` in a value."""
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str):
            yield value
        else:
            for item in value:
                yield from references(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ([item] if key == "keras_history" else references(item))


def reference(part, value):
    def fault(config):
        next(references(called(config)["inbound_nodes"]))[part] = value

    return fault


def output(part, value):
    def fault(config):
        next(references(outermost(config)["output_layers"]))[part] = value

    return fault


def doubled(config):
    graph = outermost(config)["layers"]
    graph.append(copy.deepcopy(graph[-1]))


def renamed(config):
    called(config)["config"]["name"] = "other"


def input_shape(change):
    def fault(config):
        arguments = first(config, "InputLayer")["config"]
        key = next(key for key in ("batch_shape", "batch_input_shape") if key in arguments)
        arguments[key] = change(arguments[key])

    return fault


def without_shape(config):
    arguments = first(config, "InputLayer")["config"]
    del arguments[next(key for key in ("batch_shape", "batch_input_shape") if key in arguments)]


def loop(config):
    next(references(called(config)["inbound_nodes"]))[0] = outermost(config)["layers"][-1]["name"]


CONV, DENSE, BN = "Conv2D Convolution2D", "Dense", "BatchNormalization"

CONFIGS = {
    "class_unknown": with_key("class_name", "Mine"),
    "class_lower": with_key("class_name", "dense"),
    "class_registered": with_key("class_name", "Ours>Mine"),
    "class_number": with_key("class_name", 5),
    "class_none": with_key("class_name", None),
    "class_missing": without("class_name"),
    "config_missing": without("config"),
    "config_none": with_key("config", None),
    "config_list": with_key("config", []),
    "name_missing": without("name"),
    "inbound_missing": without("inbound_nodes"),
    "inbound_empty": with_key("inbound_nodes", []),
    "inbound_none": with_key("inbound_nodes", None),
    "name_differs": renamed,
    "layer_twice": doubled,
    "loop": loop,
    "reference_unknown": reference(0, "nowhere"),
    "reference_node": reference(1, 5),
    "reference_tensor": reference(2, 5),
    "output_unknown": output(0, "nowhere"),
    "output_node": output(1, 5),
    "output_tensor": output(2, 5),
    "layers_missing": without("layers", outermost),
    "layers_empty": with_key("layers", [], outermost),
    "inputs_missing": without("input_layers", outermost),
    "outputs_missing": without("output_layers", outermost),
    "root_class_missing": without("class_name", lambda config: config),
    "root_config_missing": without("config", lambda config: config),
    "root_sequential": with_key("class_name", "Sequential", lambda config: config),
    "root_model": with_key("class_name", "Model", lambda config: config),
    "root_own": with_key("class_name", "Mine", lambda config: config),
    "root_layer": with_key("class_name", "Dense", lambda config: config),
    "filters_missing": dropping(CONV, "filters"),
    "filters_text": setting(CONV, "filters", "x"),
    "filters_zero": setting(CONV, "filters", 0),
    "filters_negative": setting(CONV, "filters", -2),
    "filters_fraction": setting(CONV, "filters", 2.5),
    "filters_none": setting(CONV, "filters", None),
    "filters_other": setting(CONV, "filters", 3),
    "kernel_one": setting(CONV, "kernel_size", [3]),
    "kernel_three": setting(CONV, "kernel_size", [3, 3, 3]),
    "kernel_zero": setting(CONV, "kernel_size", [0, 0]),
    "kernel_huge": setting(CONV, "kernel_size", [99, 99]),
    "kernel_other": setting(CONV, "kernel_size", [2, 2]),
    "padding_unknown": setting(CONV, "padding", "some"),
    "padding_causal": setting(CONV, "padding", "causal"),
    "strides_zero": setting(CONV, "strides", [0, 0]),
    "strides_dilation": lambda config: first(config, *CONV.split())["config"].update(strides=[2, 2], dilation_rate=[2, 2]),
    "data_format_unknown": setting(CONV, "data_format", "channels_middle"),
    "data_format_first": setting(CONV, "data_format", "channels_first"),
    "bias_off": setting(CONV, "use_bias", False),
    "activation_unknown": setting(CONV, "activation", "mine"),
    "activation_class": setting(CONV, "activation", "ReLU"),
    "activation_number": setting(CONV, "activation", 5),
    "activation_object": setting(CONV, "activation", {"class_name": "Mine", "config": {}}),
    "initializer_unknown": setting(CONV, "kernel_initializer", {"class_name": "Mine", "config": {}}),
    "initializer_name": setting(CONV, "kernel_initializer", "mine"),
    "initializer_argument": setting(CONV, "kernel_initializer", {"class_name": "Zeros", "config": {"more": 1}}),
    "initializer_without_config": setting(CONV, "kernel_initializer", {"class_name": "Zeros"}),
    "regularizer_unknown": setting(CONV, "kernel_regularizer", {"class_name": "Mine", "config": {}}),
    "regularizer_argument": setting(CONV, "kernel_regularizer", {"class_name": "L2", "config": {"more": 1}}),
    "constraint_unknown": setting(CONV, "kernel_constraint", {"class_name": "Mine", "config": {}}),
    "argument_unknown": setting(CONV, "more", 1),
    "arguments_unknown": lambda config: first(config, *CONV.split())["config"].update(more=1, yet_more=[2], even_more={"a": None}),
    "argument_dense": setting(DENSE, "more", 1),
    "argument_norm": setting(BN, "more", 1),
    "argument_input": setting("InputLayer", "more", 1),
    "argument_add": setting("Add Merge", "more", 1),
    "argument_activation": setting("Activation", "more", 1),
    "argument_pool": setting("GlobalAveragePooling2D", "more", 1),
    "dtype_unknown": setting(CONV, "dtype", "float1"),
    "dtype_half": setting(CONV, "dtype", "float16"),
    "dtype_policy": setting(CONV, "dtype", {"class_name": "Policy", "config": {"name": "mixed_float16"}}),
    "name_slash": lambda config: first(config, *CONV.split())["config"].update(name="a/b"),
    "units_missing": dropping(DENSE, "units"),
    "units_zero": setting(DENSE, "units", 0),
    "units_negative": setting(DENSE, "units", -1),
    "units_text": setting(DENSE, "units", "2"),
    "units_other": setting(DENSE, "units", 7),
    "axis_big": setting(BN, "axis", [7]),
    "axis_number": setting(BN, "axis", 3),
    "axis_list": setting(BN, "axis", [3]),
    "axis_text": setting(BN, "axis", "3"),
    "axis_other": setting(BN, "axis", [1]),
    "epsilon_text": setting(BN, "epsilon", "x"),
    "scale_off": setting(BN, "scale", False),
    "input_channels": input_shape(lambda shape: shape[:-1] + [5]),
    "input_rank": input_shape(lambda shape: shape[:-1]),
    "input_open": input_shape(lambda shape: [None] * (len(shape) - 1) + shape[-1:]),
    "input_all_open": input_shape(lambda shape: [None] * len(shape)),
    "input_small": input_shape(lambda shape: [None, 2, 2, 3]),
    "input_none": input_shape(lambda shape: None),
    "input_shape_missing": without_shape,
}


def listed(group):
    return [text(name) for name in group.attrs["layer_names"]]


def weighted(weights, count=2):
    """The last group with so many weights."""
    found = [weights[name] for name in listed(weights) if len(weights[name].attrs["weight_names"]) >= count]
    if not found:
        raise Absent
    return found[-1]


def names(group, change, key="weight_names"):
    group.attrs[key] = numpy.array([name.encode() for name in change([text(name) for name in group.attrs[key]])], dtype="S")


def relist(change):
    return lambda weights: names(weights, change, "layer_names")


def rename_weights(change):
    return lambda weights: names(weighted(weights), change)


def reshaped(change):
    def fault(weights):
        group = weighted(weights)
        name = text(group.attrs["weight_names"][0])
        values = change(group[name][()])
        del group[name]
        group[name] = values

    return fault


def no_dataset(weights):
    group = weighted(weights)
    del group[text(group.attrs["weight_names"][0])]


def no_group(weights):
    del weights[weighted(weights).name.rpartition("/")[2]]


def no_attribute(key):
    def fault(weights):
        del (weights if key in weights.attrs else weighted(weights)).attrs[key]

    return fault


def without_layer(weights):
    name = weighted(weights).name.rpartition("/")[2]
    relist(lambda found: [one for one in found if one != name])(weights)


WEIGHTS = {
    "layers_reversed": relist(lambda found: found[::-1]),
    "layers_more": relist(lambda found: found + ["nowhere"]),
    "layers_none": relist(lambda found: []),
    "layers_twice": relist(lambda found: found + found),
    "layer_unlisted": without_layer,
    "group_missing": no_group,
    "dataset_missing": no_dataset,
    "weights_short": rename_weights(lambda found: found[:1]),
    "weights_long": rename_weights(lambda found: found + found[:1]),
    "weights_reversed": rename_weights(lambda found: found[::-1]),
    "weights_none": rename_weights(lambda found: []),
    "weights_unknown": rename_weights(lambda found: ["nowhere"] + found[1:]),
    "no_layer_names": no_attribute("layer_names"),
    "no_weight_names": no_attribute("weight_names"),
    "no_version": no_attribute("keras_version"),
    "no_backend": no_attribute("backend"),
    "shape_more": reshaped(lambda values: numpy.concatenate([values, values[..., :1]], axis=-1)),
    "shape_turned": reshaped(lambda values: values.transpose()),
    "shape_rank": reshaped(lambda values: values[None]),
    "shape_flat": reshaped(lambda values: values.reshape(-1)),
    "shape_scalar": reshaped(lambda values: numpy.float32(1)),
    "shape_empty": reshaped(lambda values: values[..., :0]),
    "values_double": reshaped(lambda values: values.astype("float64")),
    "values_text": reshaped(lambda values: numpy.full(values.shape, b"x")),
    "version_1": lambda weights: weights.attrs.__setitem__("keras_version", b"1.2.2"),
    "version_3": lambda weights: weights.attrs.__setitem__("keras_version", b"3.0.0"),
    "version_empty": lambda weights: weights.attrs.__setitem__("keras_version", b""),
    "backend_theano": lambda weights: weights.attrs.__setitem__("backend", b"theano"),
}


def training(change):
    def fault(file):
        if "training_config" not in file.attrs:
            raise Absent
        value = json.loads(text(file.attrs["training_config"]))
        change(value)
        file.attrs["training_config"] = json.dumps(value).encode()

    return fault


def raw(key, value):
    return lambda file: file.attrs.__setitem__(key, value)


def no_weight_group(file):
    del file["model_weights"]


def shifted(file):
    """One level too many above the weights."""
    file.move("model_weights", "all/model_weights")
    file.move("all", "model_weights")


FILES = {
    "no_model_weights": no_weight_group,
    "weights_too_deep": shifted,
    "training_empty": raw("training_config", b""),
    "training_none": raw("training_config", b"null"),
    "training_cut": raw("training_config", b'{"loss": "mse", "met'),
    "training_nothing": raw("training_config", b"{}"),
    "loss_unknown": training(lambda value: (value.update(loss="mine"), value.get("compile_config", {}).update(loss="mine"))),
    "optimizer_unknown": training(lambda value: [o["optimizer" if "optimizer" in o else "optimizer_config"].update(class_name="Mine") for o in [value]]),
    "optimizer_argument": training(lambda value: [o["optimizer" if "optimizer" in o else "optimizer_config"]["config"].update(more=1) for o in [value]]),
    "optimizer_missing": training(lambda value: (value.pop("optimizer_config", None), value.pop("optimizer", None))),
    "metric_unknown": training(lambda value: value.update(metrics=["mine"])),
    "config_none": raw("model_config", b"null"),
    "config_text": raw("model_config", b'"Sequential"'),
    "config_number": raw("model_config", b"5"),
}


def edit_config(change):
    def fault(file):
        config = json.loads(text(file.attrs["model_config"]))
        change(config)
        file.attrs["model_config"] = json.dumps(config).encode()

    return fault


def faults():
    """All of them: name and change of an open file."""
    for name, change in CONFIGS.items():
        yield name, edit_config(change)
    for name, change in WEIGHTS.items():
        yield name, lambda file, change=change: change(file["model_weights"])
    yield from FILES.items()


def main():
    """Writes every copy."""
    folder = sys.argv[1]
    for model in sys.argv[2:]:
        for name, fault in faults():
            path = os.path.join(folder, "%s__%s" % (name, os.path.basename(model)))
            shutil.copyfile(model, path)
            try:
                with h5py.File(path, "r+") as file:
                    fault(file)
            except (Absent, StopIteration, KeyError):
                os.remove(path)


if __name__ == "__main__":
    main()
