"""Seeded inputs and weights: the same numbers for the same case under every runtime."""
from __future__ import absolute_import

import zlib

import numpy as np


def rng(*words):
    """A generator seeded by the words alone (`RandomState` gives the same numbers in every NumPy)."""
    return np.random.RandomState(zlib.crc32('/'.join(str(w) for w in words).encode('utf-8')) & 0xffffffff)


# ---- inputs

def around_zero(r, shape):
    """The default: both signs, no number near the limits of anything."""
    return r.uniform(-1.5, 1.5, shape)


def negative(r, shape):
    """All below zero, so that a padded zero would win a maximum."""
    return r.uniform(-3.0, -0.5, shape)


def picture(r, shape):
    """Whole numbers from 0 to 255."""
    return np.floor(r.uniform(0, 256, shape))


def ramp(r, shape):
    """From -8 to 8, with the points where activations bend among them."""
    bends = [-6, -3, -2.5, -2, -1, -0.5, -0.0, 0.0, 0.5, 1, 2, 2.5, 3, 6]
    n = int(np.prod(shape))
    flat = np.concatenate([np.linspace(-8, 8, n - len(bends)), bends])
    return r.permutation(flat).reshape(shape)


def extremes(r, shape):
    """Where `exp` overflows float32 and where a tiny difference is lost."""
    points = [-1e4, -1000, -200, -104, -89, -50, -20, -1e-3, -1e-8, -0.0, 0.0, 1e-8, 1e-3, 20, 50, 89, 104, 200, 1000, 1e4]
    n = int(np.prod(shape))
    return np.resize(np.array(points), n).reshape(shape)


def inputs(case, model_inputs):
    """One float32 array for every input of the model."""
    out = []
    for i, shape in enumerate(model_inputs):
        shape = (case.batch,) + tuple(shape)
        out.append((case.data or around_zero)(rng(case.name, 'input', i), shape).astype('float32'))
    return out


# ---- weights

def leaves(model, seen=None):
    """Every layer that is not a model, once, in the model's order."""
    seen = set() if seen is None else seen
    out = []
    for layer in model.layers:
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        out += leaves(layer, seen) if isinstance(getattr(layer, 'layers', None), list) else []
        out.append(layer)
    return [layer for layer in out if not _is_model(layer)]


def _is_model(layer):
    return layer.__class__.__name__ in ('Model', 'Functional', 'Sequential')


def fill(case, model):
    """Gives every weight of the model its seeded values. `Normalization` keeps what it was given or learnt."""
    for i, layer in enumerate(l for l in leaves(model) if len(l.weights)):
        if layer.__class__.__name__ == 'Normalization':
            continue
        old = layer.get_weights()
        new = [_weight(rng(case.name, 'weight', i, j), w.name, v.shape)
               for j, (w, v) in enumerate(zip(layer.weights, old))]
        layer.set_weights([n.astype(o.dtype) for n, o in zip(new, old)])


def _weight(r, name, shape):
    name = name.split('/')[-1].split(':')[0]
    # Keras 1 calls the moving variance `running_std`.
    if name.endswith('variance') or name.endswith('running_std'):
        return r.uniform(0.3, 2.0, shape)
    if name.endswith('gamma'):
        return r.uniform(0.5, 1.5, shape) * r.choice([-1.0, 1.0], shape)
    if name.endswith('alpha') or name.endswith('alphas'):
        return r.uniform(-0.4, 0.9, shape)
    if len(shape) < 2:
        return r.normal(0, 0.3, shape)
    return r.normal(0, 1, shape) * np.sqrt(2.0 / _fan_in(shape))


def _fan_in(shape):
    return max(int(np.prod(shape[:-1])), 1)
