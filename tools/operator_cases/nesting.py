"""Models inside models, shared layers, several inputs and outputs, Sequential in its forms."""
from __future__ import absolute_import

from .blocks import conv_bn, top
from .registry import KERAS2_UP, TWO_NEWEST, case


def _inner(e, channels=3, filters=4, name='inner', shape=(6, 7)):
    x = e.image(shape[0], shape[1], channels)
    return e.model(x, conv_bn(e, x, filters, 3), name=name)


def _inner_sequential(e, name='inner'):
    return e.sequential([e.L.Conv2D(4, 3, input_shape=(6, 7, 3)), e.L.BatchNormalization(), e.L.Activation('relu')], name=name)


@case('functional_in_functional', 'A functional model inside a functional model; the outer one has a layer of the same name',
      KERAS2_UP)
def functional_in_functional(e):
    x = e.image(6, 7, 3)
    i = e.image(6, 7, 3)
    inner = e.model(i, e.L.Activation('relu')(e.L.Conv2D(4, 3, name='conv')(i)), name='inner')
    y = e.L.Conv2D(2, 1, name='conv')(inner(x))
    return e.model(x, top(e, y, 3))


@case('sequential_in_functional', 'A Sequential model inside a functional model', KERAS2_UP)
def sequential_in_functional(e):
    x = e.image(6, 7, 3)
    return e.model(x, top(e, _inner_sequential(e)(x), 3))


@case('functional_in_sequential', 'A functional model inside a Sequential model, as in transfer learning', KERAS2_UP)
def functional_in_sequential(e):
    return e.sequential([_inner(e), e.L.GlobalAveragePooling2D(), e.L.Dropout(0.3), e.L.Dense(3, activation='softmax')])


@case('sequential_in_sequential', 'A Sequential model inside a Sequential model', TWO_NEWEST)
def sequential_in_sequential(e):
    return e.sequential([_inner_sequential(e), e.L.GlobalMaxPooling2D(), e.L.Dense(3)])


@case('two_levels', 'A model inside a model inside a model', KERAS2_UP)
def two_levels(e):
    m = e.image(6, 7, 3)
    middle = e.model(m, e.L.MaxPooling2D(2)(_inner(e, name='innermost')(m)), name='middle')
    x = e.image(6, 7, 3)
    return e.model(x, top(e, middle(e.L.Conv2D(3, 1)(x)), 2))


@case('inner_called_twice', 'One inner model called on two inputs', KERAS2_UP)
def inner_called_twice(e):
    a, b = e.image(6, 7, 3), e.image(6, 7, 3)
    inner = _inner(e)
    return e.model([a, b], e.L.Subtract()([inner(a), inner(b)]))


@case('inner_called_in_a_row', 'One inner model called on its own result', TWO_NEWEST)
def inner_called_in_a_row(e):
    x = e.image(6, 7, 3)
    inner = _inner(e, filters=3)
    once = inner(x)
    return e.model(x, [once, inner(once)])


@case('shared_conv', 'One Conv2D called twice in a row, both results read', KERAS2_UP)
def shared_conv(e):
    x = e.image(5, 6, 3)
    conv = e.L.Conv2D(3, 3, padding='same', name='shared')
    once = conv(x)
    twice = conv(e.L.Activation('relu')(once))
    return e.model(x, [e.L.Add(name='sum')([once, twice]), twice])


def _frozen(e, freeze):
    i = e.image(6, 7, 3)
    y = conv_bn(e, i, 2, 3, use_bias=False)
    inner = e.model(i, e.L.Conv2D(2, 3, use_bias=False)(y), name='inner')
    freeze(inner)
    x = e.image(6, 7, 3)
    return e.model(x, top(e, inner(x), 3))


@case('inner_not_frozen', 'An inner model with a BatchNormalization between convolutions: its file lists what is not trained last', KERAS2_UP)
def inner_not_frozen(e):
    return _frozen(e, lambda inner: None)


@case('inner_frozen', 'The same inner model frozen: its file lists the weights layer by layer', KERAS2_UP)
def inner_frozen(e):
    def freeze(inner):
        inner.trainable = False
    return _frozen(e, freeze)


@case('inner_partly_frozen', 'The same inner model with its BatchNormalization frozen', KERAS2_UP)
def inner_partly_frozen(e):
    def freeze(inner):
        for layer in inner.layers:
            layer.trainable = 'BatchNorm' not in layer.__class__.__name__
    return _frozen(e, freeze)


@case('inner_first_conv_frozen', 'The same inner model with its first Conv2D frozen', TWO_NEWEST)
def inner_first_conv_frozen(e):
    def freeze(inner):
        [l for l in inner.layers if l.__class__.__name__ == 'Conv2D'][0].trainable = False
    return _frozen(e, freeze)


@case('inner_two_by_two', 'An inner model with two inputs and two outputs', TWO_NEWEST)
def inner_two_by_two(e):
    a, b = e.image(5, 5, 2), e.image(5, 5, 2)
    inner = e.model([a, b], [e.L.Add()([a, b]), e.L.Conv2D(3, 3)(b)], name='inner')
    x = e.image(5, 5, 2)
    s, c = inner([e.L.Activation('relu')(x), x])
    return e.model(x, [e.L.Conv2D(2, 3, name='of_second')(c), e.L.Activation('tanh', name='of_first')(s)])


@case('two_inputs_two_outputs', 'Two inputs and two outputs, declared in the opposite order of their making', KERAS2_UP)
def two_inputs_two_outputs(e):
    a, b = e.image(5, 6, 3, name='made_first'), e.L.Input(shape=(4,), name='made_second')
    x = e.L.GlobalAveragePooling2D()(e.L.Conv2D(4, 3)(a))
    first = e.L.Dense(2, name='of_both')(e.L.Concatenate()([x, b]))
    second = e.L.Dense(3, name='of_vector', activation='softmax')(b)
    return e.model([b, a], [second, first])


@case('output_used_inside', 'Outputs that other layers read too, one of them listed twice over by different layers', KERAS2_UP)
def output_used_inside(e):
    x = e.image(5, 6, 3)
    early = e.L.Conv2D(3, 3, name='early')(x)
    late = e.L.Activation('relu', name='late')(early)
    return e.model(x, [late, early, e.L.MaxPooling2D(2, name='pooled')(late)])


@case('dead_ends_removed', 'Features taken from the middle of a larger model: what lies behind is not part of it', TWO_NEWEST)
def dead_ends_removed(e):
    x = e.image(6, 7, 3)
    y = conv_bn(e, x, 2, 3)
    whole = e.model(x, top(e, y, 4))
    middle = whole.layers[3].output
    return e.model(whole.inputs, e.L.Dense(2, name='new_top')(e.L.Flatten()(middle)))


def _stack(e, **first):
    L = e.L
    return [L.Conv2D(3, 3, padding='same', name='first', **first), L.BatchNormalization(), L.LeakyReLU(), L.AveragePooling2D(2),
            L.Flatten(), L.Dense(4, activation='softmax')]


# Keras 2.2.4 leaves the InputLayer, and with it the input's shape, out of the file.
@case('sequential_input_layer', 'Sequential with an explicit InputLayer', KERAS2_UP, optional=('k224',))
def sequential_input_layer(e):
    shape = {'shape': (6, 7, 3)} if e.major == 3 else {'input_shape': (6, 7, 3)}
    return e.sequential([e.L.InputLayer(**shape)] + _stack(e))


@case('sequential_input_shape', 'Sequential whose first layer has input_shape', KERAS2_UP)
def sequential_input_shape(e):
    return e.sequential(_stack(e, input_shape=(6, 7, 3)))


@case('sequential_built', 'Sequential without an input shape, built by hand', TWO_NEWEST)
def sequential_built(e):
    model = e.sequential(_stack(e))
    model.build((None, 6, 7, 3))
    return model


@case('unknown_sizes', 'Height and width left open in the file; the input has 6 by 7', KERAS2_UP, size=(6, 7))
def unknown_sizes(e):
    x = e.L.Input(shape=(None, None, 3))
    return e.model(x, top(e, e.L.MaxPooling2D(2, padding='same')(conv_bn(e, x, 3, 3, stride=2)), 3))
