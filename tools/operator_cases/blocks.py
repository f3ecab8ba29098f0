"""The blocks that ResNets are made of, and whole small networks."""
from __future__ import absolute_import

from .registry import KERAS2_UP, TWO_NEWEST, case


def conv_bn(e, x, filters, kernel, stride=1, relu=True, **options):
    """Conv2D, BatchNormalization and, unless told otherwise, relu."""
    y = e.L.Conv2D(filters, kernel, strides=stride, padding='same', **options)(x)
    y = e.L.BatchNormalization(axis=e.channel_axis, epsilon=1.001e-5)(y)
    return e.L.Activation('relu')(y) if relu else y


def bottleneck(e, x, filters, stride=1):
    """A version 1 bottleneck: stride in the first convolution, relu after the addition."""
    short = conv_bn(e, x, 4 * filters, 1, stride, relu=False)
    y = conv_bn(e, conv_bn(e, x, filters, 1, stride), filters, 3)
    return e.L.Activation('relu')(e.L.Add()([short, conv_bn(e, y, 4 * filters, 1, relu=False)]))


def basic(e, x, filters):
    """A basic block without a projection: two 3x3 convolutions."""
    y = conv_bn(e, conv_bn(e, x, filters, 3), filters, 3, relu=False)
    return e.L.Activation('relu')(e.L.Add()([y, x]))


def pre_activation(e, x, filters, stride):
    """A version 2 bottleneck as keras.applications has it: stride in the middle, max pooling on the short cut."""
    bn = lambda t: e.L.Activation('relu')(e.L.BatchNormalization(axis=e.channel_axis)(t))
    pre = bn(x)
    short = e.L.MaxPooling2D(1, strides=stride)(x)
    y = bn(e.L.Conv2D(filters, 1, use_bias=False)(pre))
    y = e.L.Conv2D(filters, 3, strides=stride, use_bias=False)(e.L.ZeroPadding2D(1)(y))
    return e.L.Add()([short, e.L.Conv2D(4 * filters, 1)(bn(y))])


def top(e, x, classes):
    """Global mean and a softmax over the classes."""
    return e.L.Dense(classes, activation='softmax')(e.L.GlobalAveragePooling2D()(x))


@case('block_v1', 'A version 1 bottleneck with stride 2 and a projection', TWO_NEWEST)
def block_v1(e):
    x = e.image(7, 8, 3)
    return e.model(x, bottleneck(e, x, 2, stride=2))


@case('block_v2', 'A version 2 pre-activation bottleneck with stride 2 and max pooling on the short cut', TWO_NEWEST)
def block_v2(e):
    x = e.image(7, 8, 8)
    return e.model(x, pre_activation(e, x, 2, 2))


@case('block_basic', 'A basic block without a projection', TWO_NEWEST)
def block_basic(e):
    x = e.image(7, 6, 3)
    return e.model(x, basic(e, x, 3))


@case('small_resnet', 'A whole small ResNet: padded 7x7 stem, padded max pooling, a basic block, softmax', KERAS2_UP)
def small_resnet(e):
    x = e.image(16, 18, 3)
    y = e.L.Conv2D(4, 7, strides=2)(e.L.ZeroPadding2D(3)(x))
    y = e.L.Activation('relu')(e.L.BatchNormalization(axis=e.channel_axis)(y))
    y = e.L.MaxPooling2D(3, strides=2)(e.L.ZeroPadding2D(1)(y))
    return e.model(x, top(e, basic(e, y, 4), 5))
