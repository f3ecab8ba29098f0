"""The Keras under test, and where its interface differs from the other ones."""
from __future__ import absolute_import

import contextlib
import importlib
import os
import sys

# The settings under which the truth is computed: CPU, one order of summation, no oneDNN kernels.
ENVIRONMENT = {
    'TF_CPP_MIN_LOG_LEVEL': '3',
    'CUDA_VISIBLE_DEVICES': '-1',
    'TF_ENABLE_ONEDNN_OPTS': '0',
    'KERAS_BACKEND': 'tensorflow',
}

# Runtime id: the module that is Keras, the versions of Keras and TensorFlow it must have.
RUNTIMES = {
    'k315': ('keras', '3.15.', '2.21.'),
    'tf215': ('tensorflow.keras', '2.15.', '2.15.'),
    'tf115': ('tensorflow.keras', '2.2.4-tf', '1.15.'),
    'k224': ('keras', '2.2.4', '1.13.'),
    'k122': ('keras', '1.2.2', '1.2.'),
}


class Era(object):
    """One runtime. `L` are its layers; the other methods hide what differs between versions."""

    def __init__(self, runtime):
        os.environ.update(ENVIRONMENT)
        module, keras_version, tensorflow_version = RUNTIMES[runtime]
        self.id = runtime
        self.tf = importlib.import_module('tensorflow')
        self.keras = self.tf.keras if module == 'tensorflow.keras' else importlib.import_module(module)
        self.L = self.keras.layers
        self.K = self.keras.backend
        self.major = {'k315': 3, 'k122': 1}.get(runtime, 2)
        self.keras_version = self._keras_version()
        _require('Keras', self.keras_version, keras_version)
        _require('TensorFlow', self.tf.__version__, tensorflow_version)
        self.channels_first = False
        self.part_dtypes = False
        self._set_data_format('channels_last')

    def _keras_version(self):
        if self.id == 'tf215':
            return importlib.import_module('keras').__version__
        return self.keras.__version__

    def versions(self):
        """Name and version of everything that took part."""
        import h5py
        import numpy
        return [
            ('keras', self.keras_version),
            ('tensorflow', self.tf.__version__),
            ('python', sys.version.split()[0]),
            ('numpy', numpy.__version__),
            ('h5py', h5py.__version__),
            ('hdf5', h5py.version.hdf5_version),
        ]

    def reset(self):
        """Forgets all models, so that layer numbering starts again."""
        if self.major == 3:
            self.keras.utils.clear_session()
        else:
            self.K.clear_session()

    # ---- building models

    @property
    def channel_axis(self):
        """Axis of the channels under the data format in force, as `BatchNormalization(axis=...)` has it."""
        return 1 if self.channels_first else -1

    def image(self, height, width, channels, **options):
        """An image input under the data format in force."""
        shape = (channels, height, width) if self.channels_first else (height, width, channels)
        return self.L.Input(shape=shape, **options)

    def model(self, inputs, outputs, **options):
        """A functional model."""
        if self.major == 1:
            return self.keras.models.Model(input=inputs, output=outputs, **options)
        return self.keras.models.Model(inputs=inputs, outputs=outputs, **options)

    def sequential(self, layers, **options):
        """A Sequential model."""
        return self.keras.models.Sequential(layers, **options)

    def branches(self, x, layer, table):
        """One input, and one output for every `(name, arguments)` of `table`, each through its own `layer`."""
        return self.model(x, [layer(name=name, **arguments)(x) for name, arguments in table])

    def part_dtype(self, dtype):
        """`dtype` for a single layer while the `parts` setting is in force, else nothing."""
        return {'dtype': dtype} if self.part_dtypes else {}

    # ---- global settings

    @contextlib.contextmanager
    def using(self, setting):
        """The settings of a case, undone afterwards."""
        try:
            self._apply(setting)
            yield
        finally:
            self._apply({'data_format': 'channels_last', 'floatx': 'float32', 'policy': 'float32', 'parts': False},
                        only=setting)

    def _apply(self, setting, only=None):
        for key, value in setting.items():
            if only is None or key in only:
                getattr(self, '_set_' + key)(value)

    def _set_parts(self, on):
        self.part_dtypes = on

    def _set_data_format(self, data_format):
        self.channels_first = data_format == 'channels_first'
        if self.major == 1:
            self.K.set_image_dim_ordering('th' if self.channels_first else 'tf')
        elif self.major == 2:
            self.K.set_image_data_format(data_format)
        else:
            self.keras.config.set_image_data_format(data_format)

    def _set_floatx(self, floatx):
        if self.major == 3:
            self.keras.config.set_floatx(floatx)
            self.keras.config.set_dtype_policy(floatx)
        else:
            self.K.set_floatx(floatx)

    def _set_policy(self, policy):
        if self.major == 3:
            self.keras.config.set_dtype_policy(policy)
        else:
            self.keras.mixed_precision.set_global_policy(policy)


def _require(what, found, prefix):
    if not found.startswith(prefix):
        raise SystemExit('%s is %s, but this runtime needs %s' % (what, found, prefix))
