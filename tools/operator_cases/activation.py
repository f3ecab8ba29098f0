"""Activation strings and activation layers, over -8 to 8 and at the extremes of float32."""
from __future__ import absolute_import

from . import values
from .registry import ANY, KERAS2_UP, KERAS3, TWO_NEWEST, case

CLASSIC = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax', 'elu', 'selu', 'softplus', 'softsign', 'hard_sigmoid', 'exponential']
# The strings each runtime has beyond the classic ones.
NEWER = {'k315': ['relu6', 'silu', 'swish', 'gelu', 'mish', 'leaky_relu', 'hard_silu', 'hard_swish', 'log_softmax'],
         'tf215': ['swish', 'gelu', 'mish']}
RARE = ['celu', 'glu', 'hard_shrink', 'hard_tanh', 'log_sigmoid', 'soft_shrink', 'sparse_plus', 'sparse_sigmoid', 'sparsemax',
        'squareplus', 'tanh_shrink']


def _strings(e, x, names):
    return e.branches(x, e.L.Activation, [(n + '_', {'activation': n}) for n in names])


@case('activation_classic', 'Activation by every string Keras has had since 2.2', KERAS2_UP, data=values.ramp)
def classic(e):
    return _strings(e, e.image(4, 5, 4), CLASSIC)


@case('activation_newer', 'Activation by the newer strings', TWO_NEWEST, data=values.ramp)
def newer(e):
    return _strings(e, e.image(4, 5, 4), NEWER[e.id])


@case('activation_rare', 'Activation by the strings that hardly any file has', KERAS3, data=values.ramp, optional=ANY)
def rare(e):
    return _strings(e, e.image(4, 5, 4), RARE)


@case('activation_extremes', 'Activations where exp overflows or loses a tiny difference', TWO_NEWEST, data=values.extremes)
def extremes(e):
    names = ['relu', 'sigmoid', 'tanh', 'softmax', 'elu', 'selu', 'softplus', 'softsign', 'hard_sigmoid', 'swish', 'gelu']
    return _strings(e, e.image(4, 5, 4), names)


@case('activation_layers', 'ReLU, LeakyReLU, ELU and Softmax as layers, with their arguments', KERAS2_UP, data=values.ramp)
def layers(e):
    x = e.image(4, 5, 4)
    slope = 'negative_slope' if e.major == 3 else 'alpha'
    y = [e.L.ReLU(name='relu')(x), e.L.ReLU(max_value=6, name='relu_max')(x),
         e.L.ReLU(negative_slope=0.1, name='relu_slope')(x), e.L.ReLU(threshold=1.5, name='relu_threshold')(x),
         e.L.ReLU(max_value=4, negative_slope=0.25, threshold=0.5, name='relu_all')(x),
         e.L.LeakyReLU(name='leaky')(x), e.L.LeakyReLU(**{slope: 0.1, 'name': 'leaky_tenth'})(x),
         e.L.ELU(alpha=0.5, name='elu')(x), e.L.Softmax(name='softmax')(x)]
    if e.major == 2:
        y.append(e.L.ThresholdedReLU(theta=1.5, name='thresholded')(x))
    return e.model(x, y)


@case('softmax_other_axis', 'Softmax over the rows and over the columns of an image', TWO_NEWEST, data=values.ramp, optional=ANY)
def softmax_other_axis(e):
    x = e.image(4, 5, 4)
    return e.branches(x, e.L.Softmax, [('rows', {'axis': 1}), ('columns', {'axis': 2})])


@case('prelu', 'PReLU with a slope for every element, for every channel, and for a vector', KERAS2_UP, data=values.ramp)
def prelu(e):
    x = e.image(4, 5, 4)
    vector = e.L.GlobalAveragePooling2D()(x)
    return e.model(x, [e.L.PReLU(name='every_element')(x), e.L.PReLU(shared_axes=[1, 2], name='every_channel')(x),
                       e.L.PReLU(name='vector')(vector)])


@case('activation_after_conv', 'Activation layers behind a Conv2D: can be fused', TWO_NEWEST)
def after_conv(e):
    x = e.image(5, 5, 3)
    y = e.L.Conv2D(4, 3, name='conv')(x)
    outputs = [e.L.ReLU(max_value=0.5, name='capped')(y), e.L.Activation('swish', name='swish')(y)]
    z = e.L.LeakyReLU(name='leaky')(e.L.Conv2D(4, 3, strides=2, name='conv_2')(x))
    return e.model(x, outputs + [z])
