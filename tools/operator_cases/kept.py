"""Which cases a runtime's folder keeps. Arithmetic is the same in every era (`check_operator_cases.py` on `--all` runs showed
it), so the older runtimes keep what their files say differently: layers, graphs, orders of weights, number formats."""

_OLD = {
    'depthwise_conv2d', 'bn_forms', 'activation_classic', 'activation_layers', 'zero_padding', 'merges', 'concatenate', 'shapes',
    'identities', 'up_sampling', 'up_sampling_bilinear', 'functional_in_functional', 'functional_in_sequential', 'two_levels',
    'inner_called_twice', 'shared_conv', 'inner_not_frozen', 'inner_frozen', 'inner_partly_frozen', 'two_inputs_two_outputs',
    'sequential_input_layer', 'sequential_input_shape', 'channels_first', 'channels_first_flatten', 'unknown_sizes',
}
_TF215 = _OLD | {
    'conv2d_groups', 'activation_newer', 'prelu', 'merges_broadcast', 'augmentation', 'random_crop', 'rescaling',
    'normalization_given', 'normalization_adapted', 'normalization_adapted_to_one', 'normalization_inverted',
    'resizing_bilinear', 'resizing_cropped', 'center_crop', 'center_crop_larger', 'global_pooling_keepdims',
    'sequential_in_functional', 'inner_two_by_two', 'sequential_built', 'channels_first_merges', 'channels_first_depthwise',
    'policy_mixed_float16', 'float16_weights', 'float64_weights', 'mixed_dtypes',
}
# A runtime that is not here keeps everything it has.
KEPT = {'tf215': _TF215, 'tf115': _OLD, 'k224': _OLD}


def keeps(runtime, name):
    """Whether the folder of `runtime` keeps the case `name`."""
    return runtime not in KEPT or name in KEPT[runtime]
