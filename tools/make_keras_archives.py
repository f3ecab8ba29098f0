"""Saves small models in the `.keras` format, with the numbers that Keras computes for them.

    python make_keras_archives.py DIR RUNTIME

Writes DIR/NAME__RUNTIME.keras for every model below and DIR/RUNTIME.json: per file the input and the outputs, which are gathered
in `cases.json` by hand. `TRAIN=RUNTIME` trains the first model for one step, so that the archive has an optimizer state.
Weights are random and seeded; every variable gets its own numbers, so that two that are mixed up show.
"""
import json
import os
import sys

import numpy as np
import keras

L = keras.layers


def branches():
    """Classes that take turns, so that the order of the file's groups is not that of the layers."""
    x = inputs = L.Input((8, 8, 3), name='picture')
    x = L.Conv2D(4, 3, padding='same', name='b_last_in_the_alphabet')(x)
    x = L.BatchNormalization(name='norm_one')(x)
    y = L.Conv2D(4, 3, padding='same', use_bias=False, name='a_second')(x)
    y = L.BatchNormalization(scale=False, name='norm_two')(y)
    x = L.Add(name='sum')([x, y])
    x = L.DepthwiseConv2D(3, name='depthwise')(x)
    x = L.Activation('relu', name='relu')(x)
    x = L.Dropout(0.5, name='drop')(x)
    x = L.GlobalAveragePooling2D(name='mean')(x)
    x = L.Dense(5, name='hidden')(x)
    return keras.Model(inputs, L.Dense(3, activation='softmax', name='answer')(x), name='branches')


def nested():
    """Models within a model, one of them Sequential, and more than ten layers of a class."""
    inner_in = L.Input((6, 6, 4), name='inner_in')
    x = inner_in
    for i in range(11):
        x = L.Conv2D(4, 1, name='inner_%d' % (20 - i))(x)
    inner = keras.Model(inner_in, L.BatchNormalization(name='inner_norm')(x), name='backbone')
    head = keras.Sequential([L.Input((6, 6, 4)), L.Conv2D(2, 3, name='head_conv'), L.Flatten(name='flat'),
                             L.Dropout(0.1, name='head_drop'), L.Dense(3, name='head_dense')], name='head')
    inputs = L.Input((6, 6, 3), name='picture')
    x = L.Conv2D(4, 1, name='stem')(inputs)
    x = inner(x)
    x = L.Activation('relu', name='between')(x)
    return keras.Model(inputs, head(x), name='nested')


def shared():
    """Layers that stand in the model and in models within it: they are stored once, where they come first."""
    dense, conv = L.Dense(4, name='both'), L.Conv2D(3, 1, name='conv_both')
    inner_in = L.Input((5, 5, 3))
    inner = keras.Model(inner_in, L.BatchNormalization(name='n')(conv(inner_in)), name='inner')
    inputs = L.Input((5, 5, 3))
    x = L.GlobalAveragePooling2D()(conv(inner(inputs)))
    x = dense(L.Dense(4, name='one')(x))
    end = keras.Sequential([L.Input((4,)), dense, L.Dense(2, name='two')], name='seq')
    return keras.Model(inputs, end(x))


def main(folder, runtime):
    rng = np.random.default_rng(7)
    cases = []
    for make in (branches, nested, shared):
        model = make()
        for variable in model.weights:
            low = 0.5 if 'variance' in getattr(variable, 'path', variable.name) else -0.6
            variable.assign(rng.uniform(low, low + 1.2, size=tuple(variable.shape)).astype('float32') if 'float' in str(variable.dtype) else variable)
        if make is branches:
            model.compile(optimizer='adam', loss='categorical_crossentropy')
            if runtime in os.environ.get('TRAIN', ''):
                model.fit(rng.normal(size=(4, 8, 8, 3)), np.eye(3)[[0, 1, 2, 0]], verbose=0)
        picture = rng.normal(size=(1,) + tuple(model.input_shape[1:])).astype('float32')
        name = '%s__%s.keras' % (make.__name__, runtime)
        model.save(os.path.join(folder, name))
        output = np.asarray(model(picture)).ravel()
        cases.append({'file': name, 'input': [float('%.7g' % v) for v in picture.ravel()], 'shape': list(picture.shape),
                      'output': [float('%.9g' % v) for v in output]})
    with open(os.path.join(folder, runtime + '.json'), 'w') as f:
        json.dump({'keras': keras.__version__, 'cases': cases}, f)


main(sys.argv[1], sys.argv[2])
