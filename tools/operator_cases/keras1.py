"""What only Keras 1 has: its argument names, `merge`, `Merge`, and layers that later versions dropped."""
from __future__ import absolute_import

from . import values
from .registry import ANY, KERAS1, case, refused


def _conv(e, name, filters, rows, columns, **options):
    return e.L.Convolution2D(filters, rows, columns, name=name, **options)


@case('convolution2d', 'Convolution2D: border_mode, subsample, bias, an activation inside, an even kernel', KERAS1)
def convolution2d(e):
    x = e.image(9, 6, 3)
    return e.model(x, [_conv(e, 'valid', 2, 3, 3)(x), _conv(e, 'same', 2, 3, 1, border_mode='same')(x),
                       _conv(e, 'same_s2', 2, 3, 3, border_mode='same', subsample=(2, 2))(x),
                       _conv(e, 'valid_s21', 2, 3, 3, subsample=(2, 1), bias=False)(x),
                       _conv(e, 'even', 2, 2, 4, border_mode='same', activation='relu')(x)])


@case('atrous_convolution2d', 'AtrousConvolution2D, valid and same', KERAS1)
def atrous_convolution2d(e):
    x = e.image(9, 8, 2)
    return e.model(x, [e.L.AtrousConvolution2D(3, 3, 3, atrous_rate=(2, 2), name='valid')(x),
                       e.L.AtrousConvolution2D(3, 3, 3, atrous_rate=(2, 2), border_mode='same', name='same')(x)])


@case('separable_convolution2d', 'SeparableConvolution2D', KERAS1, optional=ANY)
def separable_convolution2d(e):
    x = e.image(7, 6, 3)
    return e.model(x, e.L.SeparableConvolution2D(8, 3, 3, border_mode='same', depth_multiplier=2, name='separable')(x))


@case('keras1_bn', 'BatchNormalization with mode 0: alone, after and before a Convolution2D; its variance is called running_std', KERAS1)
def batch_normalization(e):
    x = e.image(5, 6, 3)
    after = e.L.BatchNormalization(name='after')(_conv(e, 'conv', 4, 3, 3, bias=False)(x))
    alone = e.L.BatchNormalization(epsilon=0.25, name='alone')(x)
    return e.model(x, [alone, after, _conv(e, 'same', 2, 3, 3, border_mode='same')(alone)])


@case('keras1_activations', 'Activation by every string of Keras 1', KERAS1, data=values.ramp)
def activations(e):
    names = ['linear', 'relu', 'sigmoid', 'tanh', 'softplus', 'softsign', 'hard_sigmoid']
    return e.branches(e.image(4, 5, 4), e.L.Activation, [(n + '_', {'activation': n}) for n in names])


@case('keras1_softmax', 'Softmax on vectors', KERAS1, data=values.ramp)
def softmax(e):
    x = e.L.Input(shape=(20,))
    return e.model(x, e.L.Activation('softmax')(x))


@case('keras1_activation_layers', 'LeakyReLU, ELU, ThresholdedReLU and PReLU (a slope for every element) as layers', KERAS1, data=values.ramp)
def activation_layers(e):
    x = e.image(4, 5, 4)
    return e.model(x, [e.L.LeakyReLU(name='leaky')(x), e.L.LeakyReLU(alpha=0.1, name='leaky_tenth')(x),
                       e.L.ELU(alpha=0.5, name='elu')(x), e.L.ThresholdedReLU(theta=1.5, name='thresholded')(x),
                       e.L.PReLU(name='every_element')(x)])


@case('keras1_prelu_shared', 'PReLU for every channel: Keras 1.2.2 leaves shared_axes out of the file and cannot load it', KERAS1,
      optional=ANY)
def prelu_shared(e):
    x = e.image(4, 5, 4)
    return e.model(x, e.L.PReLU(shared_axes=[1, 2], name='every_channel')(x))


@case('keras1_old_activation_layers', 'ParametricSoftplus and SReLU, which Keras 2 dropped', KERAS1, data=values.ramp, optional=ANY)
def old_activation_layers(e):
    x = e.image(4, 5, 4)
    return e.model(x, [e.L.ParametricSoftplus(name='softplus')(x), e.L.SReLU(name='s_shaped')(x)])


@case('keras1_merge', 'merge() in the modes sum, mul, ave, max and concat', KERAS1)
def merge(e):
    a, b, c = [e.image(4, 5, 3) for _ in range(3)]
    m = e.L.merge
    return e.model([a, b, c], [
        m([a, b], mode='sum', name='sum'), m([a, b, c], mode='sum', name='sum_3'), m([a, b], mode='mul', name='mul'),
        m([a, b, c], mode='ave', name='ave'), m([a, b], mode='max', name='max'), m([a, b], mode='concat', name='concat'),
        m([b, a], mode='concat', concat_axis=3, name='channels'), m([a, c], mode='concat', concat_axis=1, name='rows')])


@case('keras1_merge_sequential', 'A Sequential model that starts with a Merge of two Sequential models', KERAS1)
def merge_sequential(e):
    def arm(name):
        return e.sequential([_conv(e, name, 2, 3, 3, input_shape=(6, 7, 3)), e.L.Activation('relu')])
    return e.sequential([e.L.Merge([arm('left'), arm('right')], mode='concat', concat_axis=3),
                         e.L.MaxPooling2D(), e.L.Flatten(), e.L.Dense(3, activation='softmax')])


@case('keras1_pooling', 'MaxPooling2D and AveragePooling2D with strides and border_mode, and global pooling', KERAS1,
      data=values.negative)
def pooling(e):
    x = e.image(7, 6, 2)
    L = e.L
    return e.model(x, [L.MaxPooling2D(name='max')(x), L.MaxPooling2D((3, 3), strides=(2, 2), border_mode='same', name='max_same')(x),
                       L.AveragePooling2D((3, 2), strides=(1, 3), name='average')(x),
                       L.AveragePooling2D((3, 3), strides=(2, 2), border_mode='same', name='average_same')(x),
                       L.GlobalAveragePooling2D(name='global_average')(x), L.GlobalMaxPooling2D(name='global_max')(x)])


@case('keras1_padding', 'ZeroPadding2D of two numbers, of four and by name, before a convolution and a pooling; Cropping2D; UpSampling2D',
      KERAS1, data=values.negative)
def padding(e):
    x = e.image(6, 5, 3)
    L = e.L
    padded = L.ZeroPadding2D((1, 2), name='padded')(x)
    return e.model(x, [padded, L.ZeroPadding2D((1, 0, 0, 2), name='four')(x),
                       L.ZeroPadding2D({'top_pad': 1, 'left_pad': 2}, name='by_name')(x),
                       _conv(e, 'conv', 2, 3, 3, subsample=(2, 2))(padded), L.MaxPooling2D((3, 3), strides=(2, 2), name='pool')(padded),
                       L.Cropping2D(((1, 2), (0, 1)), name='cropped')(x), L.UpSampling2D((2, 3), name='larger')(x)])


@case('keras1_core', 'Dense, Flatten, Reshape, Permute, and layers that do nothing at inference', KERAS1)
def core(e):
    x = e.image(4, 6, 3)
    L = e.L
    y = L.Dense(5, activation='relu', bias=False)(L.Flatten()(x))
    for layer in (L.Dropout(0.4), L.GaussianNoise(0.5), L.GaussianDropout(0.2), L.ActivityRegularization(l1=0.1), L.Activation('linear')):
        y = layer(y)
    z = L.SpatialDropout2D(0.3)(x)
    return e.model(x, [L.Dense(3, name='dense')(y), L.Reshape((-1, 3), name='points')(z), L.Permute((3, 1, 2), name='permuted')(z)])


@case('keras1_sequential', 'Sequential without an InputLayer: the first layer has input_shape', KERAS1)
def sequential(e):
    L = e.L
    return e.sequential([_conv(e, 'first', 3, 3, 3, border_mode='same', input_shape=(6, 7, 3)), L.BatchNormalization(),
                         L.Activation('relu'), L.AveragePooling2D(), L.Flatten(), L.Dense(4, activation='softmax')])


@case('keras1_nested', 'A functional model inside a Sequential one, and a Sequential inside a functional one', KERAS1)
def nested(e):
    i = e.image(6, 7, 3)
    inner = e.model(i, e.L.BatchNormalization()(_conv(e, 'conv', 4, 3, 3)(i)), name='inner')
    middle = e.sequential([inner, e.L.Activation('relu')], name='middle')
    x = e.image(6, 7, 3)
    return e.model(x, e.L.Dense(3)(e.L.GlobalAveragePooling2D()(middle(x))))


@case('keras1_shared', 'One Convolution2D called twice, one inner model called on two inputs', KERAS1)
def shared(e):
    i = e.image(5, 6, 3)
    inner = e.model(i, _conv(e, 'conv', 3, 3, 3, border_mode='same')(i), name='inner')
    a, b = e.image(5, 6, 3), e.image(5, 6, 3)
    conv = _conv(e, 'shared', 3, 3, 3, border_mode='same')
    y = conv(e.L.Activation('relu')(conv(inner(a))))
    return e.model([a, b], e.L.merge([y, inner(b)], mode='mul', name='product'))


@case('keras1_block', 'A bottleneck with stride 2, as keras.applications had it in Keras 1', KERAS1)
def block(e):
    L = e.L
    x = e.image(7, 8, 3)
    bn = lambda t, name: L.BatchNormalization(name=name)(t)
    y = L.Activation('relu')(bn(_conv(e, 'a', 2, 1, 1, subsample=(2, 2))(x), 'bn_a'))
    y = L.Activation('relu')(bn(_conv(e, 'b', 2, 3, 3, border_mode='same')(y), 'bn_b'))
    y = bn(_conv(e, 'c', 8, 1, 1)(y), 'bn_c')
    short = bn(_conv(e, 'short', 8, 1, 1, subsample=(2, 2))(x), 'bn_short')
    return e.model(x, L.Activation('relu')(L.merge([y, short], mode='sum')))


@case('keras1_th', 'dim_ordering th: the channels come first, and first in the kernel too', KERAS1, setting={'data_format': 'channels_first'})
def th(e):
    L = e.L
    x = e.image(7, 8, 3)
    y = L.BatchNormalization(axis=1)(_conv(e, 'conv', 4, 3, 2, subsample=(2, 2))(L.ZeroPadding2D((1, 1))(x)))
    y = L.MaxPooling2D((2, 2))(L.Activation('relu')(y))
    return e.model(x, [y, L.Dense(3, activation='softmax', name='flattened')(L.Flatten()(y))])


@refused('lambda', 'A Lambda layer: Python code inside the file', KERAS1, 'Lambda', 'times_two')
def lambda_layer(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Lambda(lambda t: t * 2.0, name='times_two')(_conv(e, 'conv', 2, 3, 3)(x)))


@refused('merge_by_function', 'A merge() by a function of the author\'s own', KERAS1, 'Merge', 'by_function')
def merge_by_function(e):
    a, b = e.image(4, 5, 3), e.image(4, 5, 3)
    return e.model([a, b], e.L.merge([a, b], mode=lambda t: t[0] - t[1], output_shape=lambda s: s[0], name='by_function'))


@refused('highway', 'A Highway layer, which Keras 2 dropped', KERAS1, 'Highway', 'highway')
def highway(e):
    x = e.L.Input(shape=(5,))
    return e.model(x, e.L.Highway(name='highway')(x))
