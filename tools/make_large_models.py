#!/usr/bin/env python3
"""Writes models for measuring how time and memory grow: whole models in HDF5 as Keras 2.15 lays them out, without Keras.

    python tools/make_large_models.py OUT_FOLDER        needs h5py and NumPy; 4.3 GB in all

size_25.h5 … size_2000.h5   straight stacks of 3x3 convolutions of 512 filters, about so many MB
depth_20.h5 … depth_152.h5  ResNets of the CIFAR family (6n + 2 layers), a few MB each

The numbers are those of numpy.random.RandomState(0), the same million again and again: what is measured reads all of them.
"""
import json
import sys
from pathlib import Path

import h5py
import numpy as np

SIZES = [25, 50, 100, 250, 500, 1000, 2000]
DEPTHS = [20, 32, 56, 110, 152]
NUMBERS = (np.random.RandomState(0).random_sample(1 << 20).astype('f4') - 0.5) / 10
BN_WEIGHTS = ['gamma:0', 'beta:0', 'moving_mean:0', 'moving_variance:0']


class Model:
    """Layers in the order in which they are added, and the shapes of their weights."""

    def __init__(self, side):
        self.layers, self.weights = [], []
        self.add('InputLayer', 'input_1', {'batch_input_shape': [None, side, side, 3], 'dtype': 'float32'}, [], [])

    def add(self, kind, name, config, inputs, weights):
        nodes = [[[i, 0, 0, {}] for i in inputs]] if inputs else []
        self.layers.append({'class_name': kind, 'name': name, 'config': {'name': name, **config}, 'inbound_nodes': nodes})
        self.weights.append((name, weights))
        return name

    def conv(self, name, x, inputs, filters, window=3, stride=1):
        config = {'filters': filters, 'kernel_size': [window] * 2, 'strides': [stride] * 2, 'padding': 'same', 'use_bias': True,
                  'activation': 'linear'}
        return self.add('Conv2D', name, config, [x], [('kernel:0', (window, window, inputs, filters)), ('bias:0', (filters,))])

    def norm(self, name, x, channels):
        config = {'axis': [3], 'momentum': 0.99, 'epsilon': 0.001, 'center': True, 'scale': True}
        return self.add('BatchNormalization', name, config, [x], [(w, (channels,)) for w in BN_WEIGHTS])

    def relu(self, name, x):
        return self.add('Activation', name, {'activation': 'relu'}, [x], [])

    def head(self, x, channels, classes=10):
        x = self.add('GlobalAveragePooling2D', 'pool', {}, [x], [])
        config = {'units': classes, 'activation': 'softmax', 'use_bias': True}
        return self.add('Dense', 'predictions', config, [x], [('kernel:0', (channels, classes)), ('bias:0', (classes,))])

    def write(self, path):
        config = {'name': path.stem, 'layers': self.layers, 'input_layers': [['input_1', 0, 0]],
                  'output_layers': [[self.layers[-1]['name'], 0, 0]]}
        with h5py.File(path, 'w') as f:
            f.attrs['keras_version'], f.attrs['backend'] = '2.15.0', 'tensorflow'
            f.attrs['model_config'] = json.dumps({'class_name': 'Functional', 'config': config})
            group = f.create_group('model_weights')
            group.attrs['layer_names'] = np.array([n.encode() for n, _ in self.weights])
            group.attrs['keras_version'], group.attrs['backend'] = '2.15.0', 'tensorflow'
            for name, weights in self.weights:
                layer = group.create_group(name)
                layer.attrs['weight_names'] = np.array([f'{name}/{w}'.encode() for w, _ in weights]) if weights else np.array([], 'S1')
                for weight, shape in weights:
                    numbers = np.resize(NUMBERS, shape)
                    layer[f'{name}/{weight}'] = abs(numbers) if 'variance' in weight else numbers


def stack(megabytes):
    model = Model(224)
    x = model.conv('conv_0', 'input_1', 3, 512)
    for i in range(1, 1 + round(megabytes * 1e6 / (9 * 512 * 512 * 4))):
        x = model.conv(f'conv_{i}', x, 512, 512)
    model.head(x, 512)
    return model


def resnet(depth):
    model, channels = Model(32), 16
    x = model.relu('relu_0', model.norm('bn_0', model.conv('conv_0', 'input_1', 3, 16), 16))
    for stage, width in enumerate([16, 32, 64]):
        for block in range((depth - 2) // 6):
            name, stride = f's{stage}b{block}', 2 if stage and not block else 1
            y = model.relu(f'{name}_relu_1', model.norm(f'{name}_bn_1', model.conv(f'{name}_conv_1', x, channels, width, 3, stride), width))
            y = model.norm(f'{name}_bn_2', model.conv(f'{name}_conv_2', y, width, width), width)
            if stride == 2:
                x = model.conv(f'{name}_conv_0', x, channels, width, 1, 2)
            x = model.relu(f'{name}_relu_2', model.add('Add', f'{name}_add', {}, [x, y], []))
            channels = width
    model.head(x, 64)
    return model


def main(folder):
    for size in SIZES:
        stack(size).write(folder / f'size_{size}.h5')
    for depth in DEPTHS:
        resnet(depth).write(folder / f'depth_{depth}.h5')


if __name__ == '__main__':
    main(Path(sys.argv[1]))
