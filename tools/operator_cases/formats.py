"""Models with the channels first, and models in other number formats."""
from __future__ import absolute_import

from .blocks import conv_bn, top
from .registry import KERAS2_UP, KERAS3, TWO_NEWEST, case

FIRST = {'data_format': 'channels_first'}
LAST_TWIN = ('predict of the same model built channels_last with the same weights; '
             'its image inputs and outputs transposed')
FLOAT_TWIN = 'predict of the same model built in float32 with the same weights'


@case('channels_first', 'Channels first: padding, Conv2D, BatchNormalization over axis 1, pooling, softmax', KERAS2_UP,
      setting=FIRST, twin=LAST_TWIN)
def channels_first(e):
    x = e.image(8, 9, 3)
    y = conv_bn(e, e.L.ZeroPadding2D(((1, 0), (2, 1)))(x), 4, 3, stride=2)
    y = e.L.MaxPooling2D(2, padding='same')(y)
    return e.model(x, [y, top(e, y, 3)])


@case('channels_first_flatten', 'Channels first: Flatten puts the channels last before it flattens', KERAS2_UP,
      setting=FIRST, twin=LAST_TWIN)
def channels_first_flatten(e):
    x = e.image(5, 7, 3)
    y = e.L.AveragePooling2D(2)(e.L.Conv2D(4, 3, activation='relu')(x))
    return e.model(x, e.L.Dense(3)(e.L.Flatten()(y)))


@case('channels_first_as_wide_as_deep', 'Channels first: a Conv2D whose result is as wide as it has filters; Keras 3 on TensorFlow '
      'then adds the bias along the width, the truth here along the channels', KERAS3, setting=FIRST, twin=LAST_TWIN)
def channels_first_as_wide_as_deep(e):
    x = e.image(5, 6, 3)
    return e.model(x, e.L.Conv2D(4, 3)(x))


@case('channels_first_merges', 'Channels first: Add, Concatenate over axis 1, Cropping2D, UpSampling2D, global pooling',
      TWO_NEWEST, setting=FIRST, twin=LAST_TWIN)
def channels_first_merges(e):
    x = e.image(6, 6, 2)
    y = e.L.Add()([x, e.L.Conv2D(2, 3, padding='same')(x)])
    y = e.L.Concatenate(axis=e.channel_axis)([y, x])
    y = e.L.UpSampling2D((1, 2))(e.L.Cropping2D(((1, 2), (0, 1)))(y))
    return e.model(x, [y, e.L.GlobalMaxPooling2D(name='global_max')(y)])


@case('channels_first_depthwise', 'Channels first: DepthwiseConv2D, Conv2D with groups, PReLU for every channel', TWO_NEWEST,
      setting=FIRST, twin=LAST_TWIN)
def channels_first_depthwise(e):
    x = e.image(6, 5, 4)
    y = e.L.DepthwiseConv2D(3, padding='same', depth_multiplier=2)(x)
    return e.model(x, e.L.Conv2D(4, 3, groups=2)(e.L.ReLU(max_value=0.8)(y)))


def _network(e, last=None):
    x = e.image(6, 7, 3)
    y = e.L.GlobalAveragePooling2D()(conv_bn(e, e.L.ZeroPadding2D(1)(x), 4, 3, stride=2))
    return e.model(x, e.L.Dense(3, activation='softmax', **(last or {}))(y))


@case('policy_mixed_float16', 'Policy mixed_float16: float32 weights, softmax in float32', TWO_NEWEST,
      setting={'policy': 'mixed_float16', 'parts': True}, twin=FLOAT_TWIN)
def mixed_float16(e):
    return _network(e, e.part_dtype('float32'))


@case('policy_mixed_bfloat16', 'Policy mixed_bfloat16', TWO_NEWEST, setting={'policy': 'mixed_bfloat16'}, twin=FLOAT_TWIN)
def mixed_bfloat16(e):
    return _network(e)


@case('float16_weights', 'Everything in float16, the weights in the file too', TWO_NEWEST, setting={'floatx': 'float16'},
      twin=FLOAT_TWIN)
def float16_weights(e):
    return _network(e)


@case('float64_weights', 'Everything in float64, the weights in the file too', TWO_NEWEST, setting={'floatx': 'float64'})
def float64_weights(e):
    return _network(e)


@case('mixed_dtypes', 'Layers of different dtypes in one model', TWO_NEWEST, setting={'parts': True}, twin=FLOAT_TWIN)
def mixed_dtypes(e):
    x = e.image(6, 7, 3)
    y = e.L.Conv2D(4, 3, name='half', **e.part_dtype('float16'))(x)
    y = e.L.Conv2D(4, 3, name='double', **e.part_dtype('float64'))(y)
    return e.model(x, e.L.Dense(3, name='single', **e.part_dtype('float32'))(e.L.Flatten(**e.part_dtype('float32'))(y)))
