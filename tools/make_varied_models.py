#!/usr/bin/env python
"""Saves small models of every kind that people put around a ResNet, as the Keras it runs in writes them.

    venv/bin/python tools/make_varied_models.py ID API FOLDER [CASE...]      (API: keras, tensorflow.keras or tf_keras)

Each is FOLDER/CASE__ID.h5. What this Keras doesn't have, or can't save, is named and left out. Runs under Python 2.7 to 3.13 and
Keras 1.2 to 3. For `measure_loads.py`, which loads them everywhere.
"""
from __future__ import print_function

import importlib
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy  # noqa: E402


def package(name):
    """The Keras of that name."""
    if name == "tensorflow.keras":
        import tensorflow

        return tensorflow.keras
    return importlib.import_module(name)


class Layers(object):
    """The layers of a Keras, those among them that it still calls experimental, too."""

    def __getattr__(self, name):
        if hasattr(KERAS.layers, name):
            return getattr(KERAS.layers, name)
        return getattr(KERAS.layers.experimental.preprocessing, name)


KERAS = package(sys.argv[2])
L = Layers()
IS_OLD = getattr(KERAS, "__version__", "2").startswith("1.")


def picture(size=8, **more):
    return L.Input(shape=(size, size, 3), **more)


def model(inputs, outputs, **more):
    words = ("input", "output") if IS_OLD else ("inputs", "outputs")
    return KERAS.models.Model(**dict(zip(words, (inputs, outputs)), **more))


def conv(filters, side, **more):
    return L.Convolution2D(filters, side, side, **more) if IS_OLD else L.Conv2D(filters, side, **more)


def through(*layers, **more):
    """A graph of layers one behind the other."""
    start = end = picture(**more)
    for layer in layers:
        end = layer(end)
    return model(start, end)


def stack(*layers):
    made = KERAS.models.Sequential()
    for layer in layers:
        made.add(layer)
    return made


def add(one, other):
    return L.merge([one, other], mode="sum") if IS_OLD else L.add([one, other])


def block(size=8, **more):
    """A small residual network."""
    start = picture(size)
    x = L.BatchNormalization()(conv(4, 1)(start))
    y = L.Activation("relu")(L.BatchNormalization()(conv(4, 1, **more)(x)))
    return model(start, L.Activation("relu")(add(x, y)), name="inner")


def head():
    return [L.GlobalAveragePooling2D(), L.Dense(2, activation="softmax")]


def trained(made, optimizer="adam", loss="categorical_crossentropy", steps=1, **more):
    """The model, compiled and trained for a step."""
    made.compile(optimizer=optimizer, loss=loss, **more)
    if steps:
        shape = made.input_shape[1:]
        made.train_on_batch(numpy.zeros((2,) + shape, "float32"), numpy.eye(2, dtype="float32"))
    return made


def optimizer(name, **more):
    return lambda: trained(through(conv(2, 3), *head()), getattr(KERAS.optimizers, name)(**more))


def loss(name, **more):
    return lambda: trained(through(conv(2, 3), *head()), loss=name, steps=0, **more)


def shared():
    one, other, dense = picture(), picture(), L.Dense(2)
    return model([one, other], add(dense(L.Flatten()(one)), dense(L.Flatten()(other))))


def twice():
    inner, one, other = block(), picture(), picture()
    return model([one, other], add(inner(one), inner(other)))


def two_outputs():
    start = picture()
    flat = L.Flatten()(start)
    made = model(start, [L.Dense(2, name="a")(flat), L.Dense(2, name="b")(flat)])
    made.compile(optimizer="sgd", loss={"a": "mse", "b": "mae"}, loss_weights={"a": 1.0, "b": 0.5})
    return made


def dict_inputs():
    one, other = picture(name="one"), picture(name="other")
    return model({"one": one, "other": other}, L.Dense(2)(L.Flatten()(add(one, other))))


def dict_outputs():
    start = picture()
    flat = L.Flatten()(start)
    return model(start, {"a": L.Dense(2, name="a")(flat), "b": L.Dense(2, name="b")(flat)})


def nested_outputs():
    start = picture()
    flat = L.Flatten()(start)
    return model(start, [[L.Dense(2)(flat), L.Dense(3)(flat)], L.Dense(4)(flat)])


def merged(name, **more):
    def made():
        start = picture()
        return model(start, getattr(L, name)(**more)([conv(4, 1)(start), conv(4, 1)(start)]))

    return made


def frozen(inside):
    def made():
        inner = block()
        (inner if not inside else inner.layers[1]).trainable = False
        return trained(stack(inner, *head()))

    return made


def deep():
    return stack(stack(block(), L.Dropout(0.5)), L.GlobalAveragePooling2D(), stack(L.Dense(3), L.Dense(2)))


def own_layer():
    class Mine(KERAS.layers.Layer):
        def call(self, x, **more):
            return x * 2.0

    return through(Mine(), *head())


def own_registered():
    register = getattr(KERAS, "saving", KERAS.utils)
    register = getattr(register, "register_keras_serializable", None) or KERAS.utils.register_keras_serializable

    @register(package="Ours")
    class Mine(KERAS.layers.Layer):
        def call(self, x, **more):
            return x * 2.0

    return through(Mine(), *head())


def own_activation():
    def mine(x):
        return x * 2.0

    return through(conv(2, 3, activation=mine), *head())


def own_initializer():
    def mine(shape, dtype=None, **more):
        return KERAS.backend.zeros(shape)

    return through(conv(2, 3, kernel_initializer=mine), *head())


def own_metric():
    def mine(true, predicted):
        return predicted[:, 0]

    return trained(through(conv(2, 3), *head()), metrics=[mine, "accuracy"])


def own_loss():
    def mine(true, predicted):
        return KERAS.losses.mean_squared_error(true, predicted)

    return trained(through(conv(2, 3), *head()), loss=mine, steps=0)


def own_model():
    class Mine(KERAS.models.Model):
        pass

    start = picture()
    return Mine(inputs=start, outputs=L.Dense(2)(L.Flatten()(start)))


def wrapped_in_own_model():
    class Mine(KERAS.models.Model):
        pass

    start = picture()
    inner = Mine(inputs=start, outputs=L.Dense(2)(L.Flatten()(start)))
    return stack(inner, L.Dense(2))


def mixed(name="mixed_float16"):
    def made():
        policies = KERAS.mixed_precision
        policies = getattr(policies, "experimental", policies)
        set_policy = getattr(policies, "set_policy", None) or policies.set_global_policy
        set_policy(name)
        try:
            return trained(stack(block(), *(head() + [L.Activation("linear", dtype="float32")])))
        finally:
            set_policy("float32")

    return made


def arithmetic():
    start = picture()
    return model(start, L.Flatten()(start * 2.0 + 1.0))


def sliced():
    start = picture()
    return model(start, L.Flatten()(start[:, 1:, ::2, :2]))


def with_tensorflow(work):
    def made():
        import tensorflow

        start = picture()
        return model(start, L.Flatten()(work(tensorflow)(start)))

    return made


def training_keyword():
    start = picture()
    return model(start, L.Dropout(0.5)(L.BatchNormalization()(start, training=False), training=True))


def recurrent(name):
    def made():
        start = L.Input(shape=(4, 3))
        return model(start, L.Dense(2)(getattr(L, name)(3)(start)))

    return made


def embedded():
    start = L.Input(shape=(4,), dtype="int32")
    return model(start, L.Dense(2)(L.LSTM(3)(L.Embedding(5, 3, mask_zero=True)(start))))


def attention():
    start = L.Input(shape=(4, 3))
    return model(start, L.MultiHeadAttention(2, 2)(start, start))


def old_attention():
    one, other = L.Input(shape=(4, 3)), L.Input(shape=(4, 3))
    return model([one, other], L.Attention()([one, other]))


def lines(*layers):
    start = end = L.Input(shape=(8, 3))
    for layer in layers:
        end = layer(end)
    return model(start, end)


def volumes(*layers):
    start = end = L.Input(shape=(8, 8, 8, 1))
    for layer in layers:
        end = layer(end)
    return model(start, end)


def adapted():
    layer = L.Normalization(axis=-1)
    layer.adapt(numpy.random.RandomState(1).rand(4, 8, 8, 3).astype("float32"))
    return through(layer, *head())


def fixed_batch():
    start = L.Input(batch_shape=(2, 8, 8, 3))
    return model(start, L.Dense(2)(L.Flatten()(start)))


def bytes_in():
    start = L.Input(shape=(8, 8, 3), dtype="uint8")
    return model(start, L.Rescaling(1.0 / 255)(start))


def schedule(name, *values):
    def made():
        rate = getattr(KERAS.optimizers.schedules, name)(*values)
        return trained(through(conv(2, 3), *head()), KERAS.optimizers.Adam(rate))

    return made


def regularized():
    r, c, i = KERAS.regularizers, KERAS.constraints, KERAS.initializers
    return through(
        conv(2, 3, kernel_regularizer=r.l1_l2(0.1, 0.2), bias_regularizer=r.l1(0.1), activity_regularizer=r.l2(0.3)),
        conv(2, 1, kernel_constraint=c.MaxNorm(2.0), bias_constraint=c.NonNeg(), kernel_initializer=i.Orthogonal(2.0)),
        conv(2, 1, kernel_constraint=c.UnitNorm(), kernel_initializer=i.VarianceScaling(2.0, "fan_out", seed=3)),
        conv(2, 1, kernel_initializer=i.TruncatedNormal(0.0, 0.1), bias_initializer=i.Constant(0.5)),
        conv(2, 1, kernel_initializer=i.RandomUniform(-1.0, 1.0), bias_initializer=i.RandomNormal()),
        *head()
    )


def cases():
    """Every model, by name."""
    yield "stack", lambda: stack(conv(4, 3, input_shape=(8, 8, 3)), L.BatchNormalization(), L.Flatten(), L.Dense(2))
    yield "stack_of_model", lambda: trained(stack(block(), *head()))
    yield "stack_of_model_flat", lambda: stack(block(), L.Flatten(), L.Dense(2))
    yield "stack_of_models", deep
    yield "model_in_model", lambda: through(block(), *head())
    yield "frozen_model", frozen(False)
    yield "frozen_inside", frozen(True)
    yield "shared_layer", shared
    yield "model_twice", twice
    yield "two_outputs", two_outputs
    yield "dict_inputs", dict_inputs
    yield "dict_outputs", dict_outputs
    yield "nested_outputs", nested_outputs
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        yield name.lower(), merged(name)
    yield "dot", merged("Dot", axes=-1)
    yield "activations", lambda: through(
        conv(2, 1), L.LeakyReLU(0.2), L.PReLU(), L.ELU(0.5), L.Activation("tanh"), L.Activation("hard_sigmoid"), L.Activation("elu"), *head()
    )
    for name in ("selu", "swish", "gelu", "exponential", "relu6", "silu", "mish", "leaky_relu", "log_softmax"):
        yield "activation_" + name, (lambda name: lambda: through(conv(2, 1, activation=name), L.Activation(name), *head()))(name)
    yield "relu_layer", lambda: through(L.ReLU(6.0), L.Softmax(), *head())
    yield "thresholded", lambda: through(L.ThresholdedReLU(0.5), *head())
    yield "convolutions", lambda: through(
        L.SeparableConv2D(4, 3), L.Conv2DTranspose(4, 3, strides=2), L.DepthwiseConv2D(3), conv(4, 3, dilation_rate=2, padding="same"), *head()
    )
    yield "grouped", lambda: through(conv(4, 1), conv(4, 3, groups=2), *head())
    yield "shapes", lambda: through(
        L.ZeroPadding2D(1), L.Cropping2D(1), L.UpSampling2D(2), L.Permute((2, 1, 3)), L.Reshape((16, 48)), L.Flatten(), L.RepeatVector(2)
    )
    yield "bilinear", lambda: through(L.UpSampling2D(2, interpolation="bilinear"), *head())
    yield "pools", lambda: through(L.MaxPooling2D(2), L.AveragePooling2D(2), L.GlobalMaxPooling2D(), L.Dense(2))
    yield "pool_keepdims", lambda: through(L.GlobalAveragePooling2D(keepdims=True), L.Flatten())
    yield "noise", lambda: through(L.GaussianNoise(0.1), L.GaussianDropout(0.1), L.SpatialDropout2D(0.1), L.ActivityRegularization(0.1), *head())
    yield "alpha_dropout", lambda: through(L.AlphaDropout(0.1), *head())
    yield "normalizations", lambda: through(
        L.BatchNormalization(axis=1), L.BatchNormalization(scale=False, center=False), L.BatchNormalization(axis=2, momentum=0.5), *head()
    )
    yield "renorm", lambda: through(L.BatchNormalization(renorm=True), *head())
    yield "unfused", lambda: through(L.BatchNormalization(fused=False), *head())
    yield "layer_normalization", lambda: through(L.LayerNormalization(), *head())
    yield "group_normalization", lambda: through(L.GroupNormalization(3), *head())
    yield "unit_normalization", lambda: through(L.UnitNormalization(), *head())
    yield "synchronized", lambda: through(L.BatchNormalization(synchronized=True), *head())
    yield "regularized", regularized
    for name in ("HeNormal", "GlorotNormal", "LecunNormal", "Zeros", "Ones"):
        yield "init_" + name.lower(), (lambda name: lambda: through(conv(2, 3, kernel_initializer=getattr(KERAS.initializers, name)()), *head()))(name)
    yield "lambda", lambda: through(L.Lambda(lambda x: x / 255.0), *head())
    yield "lambda_output_shape", lambda: through(L.Lambda(lambda x: x * 2, output_shape=(8, 8, 3)), *head())
    yield "lambda_in_model", lambda: stack(through(L.Lambda(lambda x: x / 255.0), conv(2, 1)), *head())
    yield "own_layer", own_layer
    yield "own_registered", own_registered
    yield "own_activation", own_activation
    yield "own_initializer", own_initializer
    yield "own_metric", own_metric
    yield "own_loss", own_loss
    yield "own_model", own_model
    yield "own_model_inside", wrapped_in_own_model
    yield "mixed_float16", mixed()
    yield "mixed_bfloat16", mixed("mixed_bfloat16")
    yield "double", lambda: through(conv(2, 3, dtype="float64"), *head())
    yield "arithmetic", arithmetic
    yield "sliced", sliced
    yield "tf_relu", with_tensorflow(lambda tensorflow: tensorflow.nn.relu)
    yield "tf_pad", with_tensorflow(lambda tensorflow: lambda x: tensorflow.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]))
    yield "tf_mean", with_tensorflow(lambda tensorflow: lambda x: tensorflow.reduce_mean(x, axis=[1, 2]))
    yield "tf_concat", with_tensorflow(lambda tensorflow: lambda x: tensorflow.concat([x, x], axis=-1))
    yield "training_keyword", training_keyword
    for name in ("LSTM", "GRU", "SimpleRNN"):
        yield name.lower(), recurrent(name)
    yield "bidirectional", lambda: lines(L.Bidirectional(L.LSTM(3)), L.Dense(2))
    yield "time_distributed", lambda: lines(L.TimeDistributed(L.Dense(2)))
    yield "embedding", embedded
    yield "attention", attention
    yield "old_attention", old_attention
    yield "conv1d", lambda: lines(L.Conv1D(4, 3), L.MaxPooling1D(2), L.GlobalAveragePooling1D())
    yield "conv3d", lambda: volumes(L.Conv3D(2, 3), L.MaxPooling3D(2), L.GlobalAveragePooling3D())
    yield "rescaled", lambda: through(L.Rescaling(1.0 / 255), *head())
    yield "augmented", lambda: stack(picture(), L.RandomFlip("horizontal"), L.RandomRotation(0.1), L.RandomZoom(0.1), block(), *head())
    yield "augmented_more", lambda: through(L.RandomContrast(0.1), L.RandomTranslation(0.1, 0.1), L.CenterCrop(6, 6), L.Resizing(8, 8), *head())
    yield "adapted", adapted
    yield "fixed_batch", fixed_batch
    yield "bytes_in", bytes_in
    yield "any_size", lambda: model(*(lambda start: (start, head()[0](conv(2, 3)(start))))(L.Input(shape=(None, None, 3))))
    yield "only_input", lambda: (lambda start: model(start, start))(picture())
    yield "channels_first", lambda: through(conv(2, 3, data_format="channels_first"), L.MaxPooling2D(2, data_format="channels_first"))
    for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam", "Ftrl", "AdamW", "Adafactor", "Lion", "Lamb", "Muon"):
        yield "optimizer_" + name.lower(), optimizer(name)
    yield "optimizer_sgd_momentum", optimizer("SGD", momentum=0.9, nesterov=True)
    yield "optimizer_clipnorm", optimizer("Adam", clipnorm=1.0)
    yield "optimizer_amsgrad", optimizer("Adam", amsgrad=True)
    yield "optimizer_ema", optimizer("Adam", use_ema=True)
    yield "optimizer_legacy", lambda: trained(through(conv(2, 3), *head()), KERAS.optimizers.legacy.Adam())
    yield "schedule_exponential", schedule("ExponentialDecay", 0.1, 10, 0.9)
    yield "schedule_piecewise", schedule("PiecewiseConstantDecay", [10, 20], [0.1, 0.01, 0.001])
    yield "schedule_cosine", schedule("CosineDecay", 0.1, 10)
    for name in ("mse", "mean_squared_error", "hinge", "binary_crossentropy", "kullback_leibler_divergence", "cosine_similarity", "poisson"):
        yield "loss_" + name, loss(name, metrics=["accuracy", "mae"])
    yield "loss_object", lambda: trained(
        through(conv(2, 3), *head()), loss=KERAS.losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=[KERAS.metrics.AUC(), KERAS.metrics.TopKCategoricalAccuracy(3)]
    )
    yield "loss_focal", lambda: loss(KERAS.losses.CategoricalFocalCrossentropy())()
    yield "metric_objects", lambda: trained(
        through(conv(2, 3), *head()), metrics=[KERAS.metrics.Precision(), KERAS.metrics.MeanSquaredError(name="m"), "acc"], weighted_metrics=["mse"]
    )
    yield "metric_f1", lambda: trained(through(conv(2, 3), *head()), metrics=[KERAS.metrics.F1Score()])


def main():
    """Saves every model, or those named."""
    name, folder, wanted = sys.argv[1], sys.argv[3], sys.argv[4:]
    warnings.simplefilter("ignore")
    for case, build in cases():
        if wanted and case not in wanted:
            continue
        path = os.path.join(folder, "%s__%s.h5" % (case, name))
        try:
            KERAS.backend.clear_session()
            build().save(path)
        except Exception as error:  # What a version can't do is no fault of this script.
            if os.path.exists(path):
                os.remove(path)
            print("without", case, "|", type(error).__name__, str(error)[:100].replace("\n", " "))


if __name__ == "__main__":
    main()
