"""Prints how many layers of each class `keras.applications` stores weights of, with and without the classifier.

Run under Keras 3.15.1 (any backend); `src/zoo/stored/prints.rs` has the numbers.
"""

import collections

import keras

NAMES = """VGG16 VGG19 MobileNet MobileNetV2 MobileNetV3Small MobileNetV3Large DenseNet121 DenseNet169 DenseNet201
InceptionV3 InceptionResNetV2 Xception NASNetMobile NASNetLarge EfficientNetB0 EfficientNetB1 EfficientNetB2
EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6 EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1
EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S EfficientNetV2M EfficientNetV2L""".split()


def main():
    # Half the memory; the numbers of the weights do not matter.
    keras.mixed_precision.set_global_policy("bfloat16")
    for name in NAMES:
        side = 331 if name == "NASNetLarge" else 224
        for top in (True, False):
            shape = {} if top else {"input_shape": (side, side, 3)}
            model = getattr(keras.applications, name)(weights=None, include_top=top, **shape)
            counts = collections.Counter(type(layer).__name__ for layer in model.layers if layer.weights)
            print(name, "with top" if top else "without top", dict(counts), flush=True)


if __name__ == "__main__":
    main()
