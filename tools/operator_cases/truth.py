"""Builds a case in the runtime, saves it, runs it, loads it again and compares."""
from __future__ import absolute_import

import re

import numpy as np

from . import values


class Truth(object):
    """What the runtime gave for one case: `inputs` and `outputs` are lists of `(name, float32 array)`."""

    def __init__(self, inputs, outputs, how, reload, direct):
        self.inputs, self.outputs, self.how, self.reload, self.direct = inputs, outputs, how, reload, direct


def find(era, case, path):
    """Saves the model of `case` at `path` and returns its truth."""
    era.reset()
    with era.using(case.setting):
        model = case.build(era)
        values.fill(case, model)
        model.save(path)
        inputs = values.inputs(case, _input_shapes(model, case.size))
        weights = model.get_weights()
        names = _input_names(model), _output_names(model)
        direct = _attempt(lambda: _predict(model, inputs))
        compiled = isinstance(direct, str) and _attempt(lambda: _compiled(era, model, inputs))
    outputs, how = direct, 'predict of the model in memory'
    if case.twin:
        outputs, how = _from_twin(era, case, weights, inputs), case.twin
    if isinstance(outputs, str):
        raise RuntimeError('%s: the model does not run: %s' % (case.name, outputs))
    reload = _reloaded(era, case, lambda: _reload(era, path, inputs, direct, weights))
    found = _own(direct, compiled, outputs) if case.twin else None
    return Truth(list(zip(names[0], inputs)), _named(names[1], outputs), how, reload, found)


def save_refused(era, case, path):
    """Saves a model that no reader should run."""
    era.reset()
    model = case.build(era)
    values.fill(case, model)
    model.save(path)


def _predict(model, inputs):
    y = model.predict(inputs if len(inputs) > 1 else inputs[0], batch_size=inputs[0].shape[0], verbose=0)
    return [np.asarray(t) for t in (y if isinstance(y, (list, tuple)) else [y])]


def _compiled(era, model, inputs):
    """The outputs through XLA, which has the channels-first convolutions that TensorFlow's CPU kernels lack."""
    call = era.tf.function(lambda *x: model(list(x) if len(x) > 1 else x[0], training=False), jit_compile=True)
    y = call(*[era.tf.constant(x) for x in inputs])
    return [np.asarray(t) for t in (y if isinstance(y, (list, tuple)) else [y])]


def _from_twin(era, case, weights, inputs):
    """The outputs of the same model without the case's settings, holding the same weights."""
    first = case.setting.get('data_format') == 'channels_first'
    era.reset()
    model = case.build(era)
    model.set_weights(weights)
    outputs = _predict(model, [_to_last(x) for x in inputs] if first else inputs)
    return [_to_first(y) for y in outputs] if first else outputs


def _to_last(x):
    return x.transpose(0, 2, 3, 1) if x.ndim == 4 else x


def _to_first(x):
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x


def _reload(era, path, inputs, direct, weights):
    """How far the model loaded from the file is from the one in memory."""
    era.reset()
    model = era.keras.models.load_model(path)
    if isinstance(direct, str):
        same = all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights()))
        return {'weights_equal': same}
    return {'max_abs_diff': _distance(direct, _predict(model, inputs))}


def _own(direct, compiled, outputs):
    """What the model itself gives where the truth is its twin's: plainly, else compiled by XLA."""
    if not isinstance(direct, str):
        return {'max_abs_diff': _distance(direct, outputs)}
    if isinstance(compiled, str):
        return {'fails': direct}
    return {'fails': direct, 'compiled_by_xla': {'max_abs_diff': _distance(compiled, outputs)}}


def _distance(a, b):
    return float(max(np.max(np.abs(x.astype('float64') - y.astype('float64'))) for x, y in zip(a, b)))


def _reloaded(era, case, action):
    """Loading under default settings; where that fails, also under the settings of the case."""
    plain = _outcome(_attempt(action))
    if 'fails' in plain and case.setting:
        with era.using(case.setting):
            plain['under_setting'] = _outcome(_attempt(action))
    return plain


def _outcome(reload):
    return {'fails': reload} if isinstance(reload, str) else reload


def _attempt(action):
    """The result, or the first line of what went wrong."""
    try:
        return action()
    except Exception as e:  # any failure of the runtime is a fact about the case, recorded in its certificate
        return _clean('%s: %s' % (e.__class__.__name__, e))


def _clean(message):
    lines = [l.strip() for l in re.sub(r'\x1b\[\d+m', '', str(message)).splitlines()]
    lines = [l for l in lines if l and not l.startswith(('File "', 'Detected at', '[[{{', 'Graph execution', 'Arguments received'))]
    return re.sub(r'0x[0-9a-f]+', '0x...', ' '.join(lines))[:400]


def _input_shapes(model, size):
    shapes = [tuple(_shape(t)[1:]) for t in model.inputs]
    return [tuple(size) + s[2:] if size else tuple(int(d) for d in s) for s in shapes]


def _shape(tensor):
    return getattr(tensor, '_keras_shape', None) or tuple(tensor.shape)


def _input_names(model):
    return [t._keras_history[0].name for t in model.inputs]


def _output_names(model):
    names = getattr(model, 'output_names', None)
    return list(names) if names else [model.layers[-1].name]


def _named(names, outputs):
    if len(names) != len(outputs):
        raise RuntimeError('%d names for %d outputs' % (len(names), len(outputs)))
    return [(n, y.astype('float32')) for n, y in zip(names, outputs)]
