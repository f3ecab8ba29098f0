"""Models that must be refused by naming the layer, and operations that only look like layers."""
from __future__ import absolute_import

from .registry import ANY, KERAS2_UP, KERAS3, TWO_NEWEST, case, refused


@refused('lambda', 'A Lambda layer: Python code inside the file', KERAS2_UP, 'Lambda', 'times_two')
def lambda_layer(e):
    x = e.image(4, 5, 3)
    y = e.L.Lambda(lambda t: t * 2.0, name='times_two')(x)
    return e.model(x, e.L.Conv2D(2, 3)(y))


@refused('custom_layer', 'A layer class of the author\'s own', KERAS2_UP, 'Swoosh', 'swoosh')
def custom_layer(e):
    class Swoosh(e.L.Layer):
        def call(self, inputs):
            return inputs * 0.5

    x = e.image(4, 5, 3)
    return e.model(x, Swoosh(name='swoosh')(e.L.Conv2D(2, 3)(x)))


@refused('lstm', 'An LSTM over the rows of an image', KERAS2_UP, 'LSTM', 'lstm')
def lstm(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Dense(2)(e.L.LSTM(3, name='lstm')(e.L.Reshape((4, 15))(x))))


@refused('attention', 'MultiHeadAttention over the points of an image', TWO_NEWEST, 'MultiHeadAttention', 'attention')
def attention(e):
    x = e.image(3, 4, 4)
    y = e.L.Reshape((12, 4))(x)
    return e.model(x, e.L.MultiHeadAttention(num_heads=2, key_dim=2, name='attention')(y, y))


@refused('lambda_nested', 'A Lambda layer inside an inner model', TWO_NEWEST, 'Lambda', 'times_two')
def lambda_nested(e):
    i = e.image(4, 5, 3)
    inner = e.model(i, e.L.Lambda(lambda t: t * 2.0, name='times_two')(i), name='inner')
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Conv2D(2, 3)(inner(x)))


def _scaled(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Conv2D(2, 3)(x / 127.5 - 1.0))


@refused('operators', 'Arithmetic on a tensor, which Keras 3 saves as operations that it cannot load', KERAS3,
         'TrueDivide', 'true_divide')
def operators(e):
    return _scaled(e)


@refused('operators', 'Arithmetic on a tensor, which Keras 2.4 and later save as TFOpLambda', ('tf215',),
         'TFOpLambda', 'tf.math.truediv')
def operators_of_tf(e):
    return _scaled(e)


@refused('operators', 'Arithmetic on a tensor, which TensorFlow 1.14 and later save as TensorFlowOpLayer', ('tf115',),
         'TensorFlowOpLayer', 'truediv')
def operators_of_tf1(e):
    return _scaled(e)


@case('operation_named_like_a_layer', 'Sums and products of tensors, which Keras 3 saves as `Add` and `Multiply` like the layers',
      KERAS3, optional=ANY)
def operation_named_like_a_layer(e):
    x = e.image(4, 5, 3)
    y = e.L.Conv2D(3, 3, padding='same')(x)
    return e.model(x, [x + y, e.keras.ops.multiply(x, y)])


@case('operation_with_a_number', 'A sum of a tensor and a number, which Keras 3 saves as an `Add` with one input', KERAS3,
      optional=ANY)
def operation_with_a_number(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Conv2D(2, 3)(x + 0.25))
