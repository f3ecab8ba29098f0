"""Finds by trial which arguments each class takes, and what the runtime says to those it doesn't."""
import inspect
import json
import sys

from . import messages, routes, values


def is_json(value):
    """Whether a value can stand in a configuration."""
    try:
        json.dumps(value, default=routes.bare)
        return True
    except (TypeError, ValueError):
        return False


def signature(function):
    """Parameters and defaults of a constructor or function: (name, default) pairs, `REQUIRED` where there is none."""
    function = getattr(function, "_original_function", function)
    function = getattr(function, "__func__", function)
    try:
        if sys.version_info[0] == 2:
            spec = inspect.getargspec(function)
            names, count = spec.args, len(spec.defaults or ())
            pairs = [(name, REQUIRED) for name in names[: len(names) - count]]
            pairs += list(zip(names[len(names) - count :], spec.defaults or ()))
        else:
            kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            found = inspect.signature(function).parameters.values()
            empty = inspect.Parameter.empty
            pairs = [(p.name, REQUIRED if p.default is empty else p.default) for p in found if p.kind not in kinds]
    except (TypeError, ValueError):
        return []
    return [pair for pair in pairs if pair[0] not in ("self", "cls")]


REQUIRED = object()


def constructor(obj):
    """What is called with the arguments of a configuration."""
    if not inspect.isclass(obj):
        return obj
    init = obj.__init__
    return init if init is not object.__init__ else (lambda: None)


def inner_layers(package, name):
    """Layers for classes that hold others."""
    layers = routes.module(package, "layers")
    if name == "cell":
        return layers.SimpleRNNCell(2)
    return layers.LSTM(2, return_sequences=True)


def special(package, name, parameter):
    """Values for a required argument that isn't plain data, or None."""
    if parameter == "function":
        return [lambda x: x, routes.module(package, "activations").relu]
    if parameter in ("layer", "cell", "cells"):
        made = [inner_layers(package, parameter)]
        return [made[0], routes.module(package, "layers").Dense(2)]
    if parameter in ("optimizer", "inner_optimizer", "opt"):
        return [routes.module(package, "optimizers").SGD()]
    if parameter == "fn":
        return [routes.module(package, "losses").mean_squared_error]
    return None


def choices(package, name, obj):
    """Sets of arguments to make an object with, the likeliest first."""
    if name in values.BY_CLASS:
        for chosen in values.BY_CLASS[name] or []:
            yield chosen
        return
    simple, several = {}, {}
    for parameter, default in signature(constructor(obj)):
        if default is REQUIRED:
            made = special(package, name, parameter)
            if made is not None:
                several[parameter] = made
            elif parameter in values.REQUIRED:
                simple[parameter] = values.REQUIRED[parameter]
            else:
                return
    for number in range(max([1] + [len(made) for made in several.values()])):
        yield dict(simple, **dict((key, made[min(number, len(made) - 1)]) for key, made in several.items()))


def base_config(package, route, name, obj):
    """A configuration that the runtime accepts, or None and why not."""
    why = "no values for its required arguments"
    for arguments in choices(package, name, obj):
        try:
            found = list(configs(obj, arguments))
        except ValueError as error:
            why = str(error)
            continue
        for config in found:
            answer = ask(route, name, config)
            if answer is None:
                return config, None
            why = "%s: %s" % (answer.exception, answer.message[:200])
    return None, why


def configs(obj, arguments):
    """What an object says of itself, and the bare arguments."""
    try:
        config = dict(obj(**arguments).get_config())
        config.pop("__passive_serialization__", None)
        if is_json(config):
            yield config
    except Exception as error:
        if not is_json(arguments):
            raise ValueError("can't be made: " + str(error)[:150])
    if is_json(arguments):
        yield arguments


def ask(route, name, config):
    """The refusal of a configuration, or None where it was accepted."""
    try:
        route.make(name, config)
    except Exception as error:
        return messages.Answer(error)
    return None


def candidates(route, objects):
    """Arguments to try for every class of a kind: name to value."""
    found = {}
    for obj in objects:
        for name, default in signature(constructor(obj)):
            value = default if default is not REQUIRED and is_json(default) else values.REQUIRED.get(name)
            if found.get(name) is None:
                found[name] = value
    listed = values.LAYER_ARGUMENTS if route.kind.endswith("layers") else values.OTHER_ARGUMENTS
    for name in listed.split():
        found.setdefault(name, None)
    # This one chooses the table, so it must keep to the one that is asked.
    found["is_legacy_optimizer"] = route.kind == "legacy_optimizers"
    return found


class Trial(object):
    """The trials of one class."""

    def __init__(self, route, name, obj, config):
        self.route, self.name, self.obj, self.config = route, name, obj, config
        self.refused_with = {}
        self.odd = {}

    def refusal(self, value):
        """What the runtime says of an argument that can't exist, with this value."""
        key = json.dumps(value)
        if key not in self.refused_with:
            self.refused_with[key] = ask(self.route, self.name, dict(self.config, zzz=value))
        return self.refused_with[key]

    def accepts(self, argument, value):
        """Whether an argument is not refused as one that can't exist."""
        expected = self.refusal(value)
        answer = ask(self.route, self.name, dict(self.config, **{argument: value}))
        if answer is None:
            return True
        return answer.inner != expected.inner.replace("zzz", argument) and not self.is_odd(argument, answer)

    def is_odd(self, argument, answer):
        """Whether an argument is refused whatever its value is, in words of its own."""
        for value in values.ANY:
            other = ask(self.route, self.name, dict(self.config, **{argument: value}))
            if other is None or other.inner != answer.inner:
                return False
        self.odd[argument] = answer.template(self.obj, {argument: "{first}"})
        return True

    def arguments(self, tried):
        """The arguments that are accepted, or "*" for any."""
        if self.refusal(None) is None and self.refusal(1) is None:
            return "*"
        return sorted(a for a in tried if a in self.config or self.accepts(a, tried[a]))

    def required(self):
        """Arguments without which the class refuses: name to what it says."""
        found = {}
        for argument in sorted(self.config):
            rest = dict((key, value) for key, value in self.config.items() if key != argument)
            answer = ask(self.route, self.name, rest)
            if answer is not None:
                found[argument] = answer.template(self.obj, {argument: "{first}"})
        return found

    def defaults(self, accepted, required):
        """Values of arguments that a file leaves out."""
        found = dict((k, v) for k, v in self.config.items() if k != "name")
        found.update((n, d) for n, d in signature(constructor(self.obj)) if d is not REQUIRED and is_json(d))
        return dict((k, v) for k, v in found.items() if k not in required and (accepted == "*" or k in accepted))


def facts_of(package, route, name, obj, tried):
    """What is known of one class."""
    if name in values.SKIPPED:
        return {"why": "not tried"}
    config, why = base_config(package, route, name, obj)
    if config is None:
        return {"why": why}
    if route.compose is routes.flat:
        config.pop("name", None)
    trial = Trial(route, name, obj, config)
    found = {"arguments": trial.arguments(tried)}
    found["odd"] = trial.odd
    required = trial.required()
    found["required"] = [n for n, _ in signature(constructor(obj)) if n in required]
    found["required"] += sorted(set(required) - set(found["required"]))
    found["missing"] = required
    found["defaults"] = trial.defaults(found["arguments"], required)
    answer = ask(route, name, dict(messages.ordered(config, [("zzz", 101), ("yyy", 102)])))
    if answer is not None:
        found["refusal"] = answer.template(obj, {"zzz": "{first}", "yyy": "{last}"})
        found["wrappers"] = answer.wrappers
    return found


def add(package, route, facts, found, known):
    """Tries every class of a kind, and functions where a configuration may name them.

    `known` has the facts of the kinds before this one: layers with a `module` take no more than those without, whose
    deserialiser alone takes arguments away before it makes them.
    """
    plain = known.get("layers", {}).get("classes", {}) if route.kind == "module_layers" else {}
    named = list(facts["classes"])
    if route.kind in ("initializers", "regularizers", "constraints") and facts["functions_take_configs"]:
        for name in facts["functions"]:
            facts["classes"][name] = {"arguments": None, "class": name, "function": True}
        named += facts.pop("functions")
        facts["functions"] = []
    tried = candidates(route, [found[name] for name in named if found.get(name) is not None])
    for name in named:
        if found.get(name) is not None:
            limit = plain.get(name, {}).get("arguments")
            candidate = dict((k, tried[k]) for k in tried if not isinstance(limit, list) or k in limit)
            facts["classes"][name].update(facts_of(package, route, name, found[name], candidate))


def unknown(route):
    """What is said to identifiers that are not known, or no identifiers at all."""
    module = "keras." + ("optimizers" if route.kind == "legacy_optimizers" else route.kind)
    asked = {
        "class": lambda: route.identifier("zzz", {}),
        "class_with_module": lambda: dict(route.identifier("zzz", {}), module=module, registered_name=None),
        "class_of_custom_module": lambda: dict(route.identifier("zzz", {}), module="zzzmodule", registered_name="Custom>zzz"),
        "class_without_module": lambda: dict(route.identifier("zzz", {}), module=None, registered_name="Custom>zzz"),
        "class_without_config": lambda: {"class_name": "zzz"},
        "config_none": lambda: {"class_name": "zzz", "config": None},
        "function_with_module": lambda: {
            "class_name": "function", "config": "zzz", "module": "builtins", "registered_name": "zzz"},
        "registered": lambda: route.identifier("Custom>zzz", {}),
        "string": lambda: "zzz",
        "string_registered": lambda: "Custom>zzz",
        "empty_string": lambda: "",
        "number": lambda: 5,
        "list": lambda: [],
        "dict": lambda: {},
        "none": lambda: None,
        "class_name_none": lambda: route.identifier(None, {}),
    }
    return dict((how, said(route, make)) for how, make in asked.items())


def said(route, make):
    """What a runtime answers to one identifier."""
    identifier = make()
    try:
        found = route.call(json.loads(json.dumps(identifier)))
    except Exception as error:
        answer = messages.Answer(error)
        return {"exception": answer.exception, "message": messages.of_unknown(answer.message, identifier)}
    return {"returns": "None" if found is None else type(found).__name__}
