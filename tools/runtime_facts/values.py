"""What the trials try: values for arguments that classes require, and names of arguments from any version."""

# Values for required arguments, by their name; what a class needs otherwise stands under its own name.
REQUIRED = {
    "filters": 2, "kernel_size": 3, "units": 2, "rate": 0.5, "p": 0.5, "sigma": 0.5, "stddev": 0.5, "n": 2, "dims": [1],
    "target_shape": [4], "output_dim": 2, "input_dim": 3, "nb_filter": 2, "nb_row": 3, "nb_col": 3, "filter_length": 3,
    "kernel_dim1": 3, "kernel_dim2": 3, "kernel_dim3": 3, "activation": "relu", "height": 8, "width": 8, "factor": 0.5,
    "target_height": 8, "target_width": 8, "num_heads": 2, "key_dim": 2, "head_dim": 2, "num_query_heads": 2,
    "num_key_value_heads": 2, "axes": 1, "num_tokens": 8, "num_bins": 4, "scale": 2.0, "seed": 1, "value": 1.0, "gain": 1.0,
    "k": 2, "l": 0.01, "learning_rate": 0.1, "num_classes": 2, "target_class_ids": [0], "specificity": 0.5,
    "sensitivity": 0.5, "recall": 0.5, "precision": 0.5, "class_id": 0, "value_range": [0, 1], "stacked": 1,
    "output_padding": None, "groups": 1, "output_shape": [1, 1], "bin_boundaries": [0.0, 1.0], "equation": "ab,bc->ac",
    "batch_input_shape": [None, 4], "batch_shape": [None, 4], "op_name": "x", "size": 2, "lr": 0.01, "rho": 0.5,
    "layer_norm": False, "mask_value": 0.0, "alpha": 0.5, "theta": 0.5, "max_value": 1.0, "fft_length": 8,
    "y_true": 0, "vocabulary": None, "mode": "sum", "noise_shape": None, "depth": 2, "angles": 1.0,
    "pool_size": 2, "output_size": 2, "height_factor": 0.1, "width_factor": 0.1, "max_number": 2, "num_samples": 2,
}
# What classes are made with when the names of their arguments don't say it: the first that works; None: not at all.
BY_CLASS = {
    "InputLayer": [{"batch_shape": [None, 4]}, {"batch_input_shape": [None, 4]}], "CategoryEncoding": [{"num_tokens": 8}],
    "Discretization": [{"num_bins": 4}, {"bin_boundaries": [0.0, 1.0]}, {"bins": 4}], "StackedRNNCells": None, "TFOpLambda": None, "SlicingOpLambda": None, "ClassMethod": None,
}
# Values of every type, to tell an argument that is refused from a value that is.
ANY = (None, 1, 0, 0.5, False, True, "valid", [1], {})
# Kept from trials: they need tables, files or other objects, and no image classifier holds them.
SKIPPED = {
    "TextVectorization", "StringLookup", "IntegerLookup", "Hashing", "HashedCrossing", "DenseFeatures", "SequenceFeatures",
    "LinearModel", "WideDeepModel", "FeatureSpace", "PreprocessingLayer", "CombinerPreprocessingLayer", "Pipeline",
    "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer", "MeanMetricWrapper", "SumOverBatchSizeMetricWrapper",
    "Sequential", "Model", "Functional", "Network", "Container", "Graph", "InputSpec", "Layer", "Node", "KerasTensor",
    "MelSpectrogram", "STFTSpectrogram", "ReversibleEmbedding", "ConvLSTM2D", "ConvLSTM1D", "ConvLSTM3D", "ConvLSTM2DCell",
}
LAYER_ARGUMENTS = """
    causal ragged sparse optional batch_shape batch_input_shape input_shape input_dtype input_dim batch_size dtype groups keepdims
    synchronized renorm renorm_clipping renorm_momentum fused virtual_batch_size adjustment quantization_config lora_rank
    lora_alpha seed autocast activity_regularizer name trainable dynamic weights implementation type_spec input_tensor
    dim_ordering border_mode subsample nb_filter nb_row nb_col init W_regularizer b_regularizer W_constraint b_constraint
    mode bias output_dim atrous_rate activation gamma_init beta_init gamma_regularizer beta_regularizer concat_axis
    dot_axes output_mask arguments node_indices tensor_indices mode_type output_shape_type function_type force_generator
    noise_shape fill_value fill_mode data_format count_include_pad negative_slope max_value threshold time_major unroll
    input_length mask_zero embeddings_regularizer embeddings_initializer flash_attention use_gate seq_length
    bounding_box_format antialias pad_to_aspect_ratio crop_to_aspect_ratio interpolation invert axis epsilon momentum center
    scale layers gate use_bias rng_type p sigma kernel_quantizer dtype_policy build_config registered_name
    activity_regulariser theano_mode output_padding rms_scaling approximate
"""
OTHER_ARGUMENTS = """
    dtype seed input_axes output_axes partition_info name lr decay learning_rate weight_decay jit_compile
    is_legacy_optimizer clipnorm clipvalue global_clipnorm use_ema ema_momentum ema_overwrite_frequency
    gradient_accumulation_steps loss_scale_factor amsgrad schedule_decay initial_accumulator_value momentum nesterov rho
    centered epsilon beta_1 beta_2 reduction from_logits label_smoothing axis fn ignore_class delta class_weights sample_weight
    alpha gamma apply_class_balancing scale mode distribution mean stddev minval maxval gain l1 l2 l m max_value min_value rate
    value factor threshold thresholds top_k class_id num_classes dynamic initial_scale dynamic_growth_steps inner_optimizer
    optimizer loss_scale lr_power linear_shrinkage exclude_from_weight_decay quantization_config verbose
"""
