//! What is recorded for the device, and what is refused before it, without a device.

use std::collections::HashMap;

use resnet_verifier::exec::gpu::record::{Bound, GpuLimits, Recording, record};
use resnet_verifier::exec::gpu::shader::Shader;
use resnet_verifier::exec::gpu::tiling::{Class, Tile, Tiling};
use resnet_verifier::exec::{ExecError, check};
use resnet_verifier::plan::{
    Activation, Combine, CombineKind, Conv, Copy, CopyBox, Kernel, Map, Param, Plan, Port, Recipe, Step,
    Strided, Value,
};

/// Input `[1, 4, 4, 8]`, two 1×1 convolutions alike, the second adding the input.
fn plan() -> Plan {
    let shape = [1, 4, 4, 8];
    let conv = |kernel, residual| Conv {
        input: shape,
        output: shape,
        window: [1, 1],
        strides: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
        groups: 1,
        kernel,
        bias: kernel + 1,
        residual,
        activation: Activation::RELU,
    };
    let step = |name: &str, kernel, inputs: &[usize], output| Step {
        layers: vec![name.to_owned(), format!("{name}_relu")],
        kernel: Kernel::Conv(kernel),
        inputs: inputs.to_vec(),
        output,
    };
    let param = |name: &str, shape: &[usize]| Param {
        name: name.to_owned(),
        shape: shape.to_vec(),
        recipe: Recipe::Values(vec![]),
    };
    let port = |name: &str, value| Port { name: name.to_owned(), value };
    Plan {
        batch: 1,
        inputs: vec![port("image", 0)],
        outputs: vec![port("features", 3), port("image_again", 0)],
        values: (0..4).map(|buffer| Value { shape: shape.to_vec(), buffer }).collect(),
        params: vec![
            param("a/kernel", &[1, 1, 8, 8]),
            param("a/bias", &[8]),
            param("b/kernel", &[1, 1, 8, 8]),
            param("b/bias", &[8]),
        ],
        steps: vec![
            step("a", conv(0, false), &[0], 1),
            step("b", conv(2, false), &[1], 2),
            step("c", conv(2, true), &[2, 0], 3),
        ],
        buffers: vec![128; 4],
    }
}

fn recorded(plan: &Plan) -> Recording {
    recorded_in(plan, &REGISTERS)
}

fn recorded_in(plan: &Plan, tiling: &Tiling) -> Recording {
    record(plan, &GpuLimits::default(), tiling).expect("a recording")
}

const REGISTERS: Tiling = Tiling::Always(Tile::Registers8);

/// A plan of one Map over `elements` numbers.
fn map_plan(elements: usize) -> Plan {
    let map = Map { elements, channels: 1, affine: None, activation: Activation::Linear };
    let step = Step { layers: vec!["act".to_owned()], kernel: Kernel::Map(map), inputs: vec![0], output: 1 };
    Plan {
        values: (0..2).map(|buffer| Value { shape: vec![elements], buffer }).collect(),
        steps: vec![step],
        buffers: vec![elements; 2],
        ..Plan::default()
    }
}

#[test]
fn equal_pipelines_are_recorded_once() {
    let recording = recorded(&plan());
    let used: Vec<usize> = recording.dispatches.iter().map(|dispatch| dispatch.pipeline).collect();
    assert_eq!(used, [0, 0, 1]);
    assert_eq!(recording.pipelines.len(), 2);
}

#[test]
fn dispatches_bind_as_many_buffers_as_their_shader_reads() {
    let recording = recorded(&plan());
    for dispatch in &recording.dispatches {
        assert_eq!(dispatch.reads.len(), recording.pipelines[dispatch.pipeline].shader.reads());
        assert!(!dispatch.reads.contains(&Bound::Activation(dispatch.write)));
    }
    let residual = recording.dispatches[2].reads[4];
    assert_eq!(residual, Bound::Activation(0));
}

#[test]
fn uniforms_lie_at_aligned_offsets_and_results_one_behind_the_other() {
    let recording = recorded(&plan());
    for dispatch in &recording.dispatches {
        assert_eq!(dispatch.uniforms.start % 256, 0);
        assert!(dispatch.uniforms.end <= recording.uniforms.len());
    }
    let offsets: Vec<u64> = recording.outputs.iter().map(|output| output.offset).collect();
    assert_eq!(offsets, [0, 512]);
    assert_eq!(recording.readback_bytes(), 1024);
}

#[test]
fn many_workgroups_spread_over_two_dimensions() {
    for (elements, expected) in [(1, [1, 1]), (64 * 65535, [65535, 1]), (64 * 65535 + 1, [65535, 2])] {
        let recording = recorded(&map_plan(elements));
        assert_eq!(recording.dispatches[0].groups, expected, "{elements} elements");
    }
}

#[test]
fn combining_four_tensors_takes_three_launches_and_activates_in_the_last() {
    let combine = Combine {
        kind: CombineKind::Average,
        shape: [1, 1, 1, 6],
        strides: vec![[0, 0, 0, 1]; 4],
        activation: Activation::RELU,
    };
    let step = Step {
        layers: vec!["mean".into()],
        kernel: Kernel::Combine(combine),
        inputs: vec![0, 1, 2, 3],
        output: 4,
    };
    let values = (0..5).map(|buffer| Value { shape: vec![6], buffer }).collect();
    let recording = recorded(&Plan { values, steps: vec![step], buffers: vec![6; 5], ..Plan::default() });
    let constants: Vec<u32> = recording
        .dispatches
        .iter()
        .flat_map(|dispatch| recording.pipelines[dispatch.pipeline].overrides.clone())
        .filter_map(|(name, value)| (name == "ACTIVATION").then_some(value))
        .collect();
    assert_eq!(constants, [0, 0, 1]);
}

#[test]
fn nothing_is_launched_for_nothing() {
    assert!(recorded(&map_plan(0)).dispatches.is_empty());
}

#[test]
fn a_tensor_beyond_the_limits_is_named_with_both_sizes() {
    let small = GpuLimits { binding: 511, ..GpuLimits::default() };
    let error = record(&plan(), &small, &REGISTERS).expect_err("a buffer of 512 bytes");
    let message = "image: needs 512 bytes, the adapter offers 511 bytes (maxStorageBufferBindingSize)";
    assert_eq!(error.to_string(), message);
    let mut large = plan();
    large.params[2].shape = vec![1, 1, 16, 16];
    let error = record(&large, &GpuLimits { binding: 1023, ..small }, &REGISTERS)
        .expect_err("a kernel of 1024 bytes");
    assert!(error.to_string().starts_with("b/kernel: needs 1024 bytes"), "{error}");
}

#[test]
fn a_launch_beyond_the_limits_is_named() {
    let few = GpuLimits { workgroups: 2, ..GpuLimits::default() };
    let error = record(&map_plan(64 * 4 + 1), &few, &REGISTERS).expect_err("five workgroups on two by two");
    assert!(error.to_string().starts_with("act: needs 3 workgroups, the adapter offers 2"), "{error}");
}

/// Changes the plan and gives what the check then says.
fn fault(change: impl FnOnce(&mut Plan)) -> String {
    let mut plan = plan();
    assert_eq!(check(&plan), Ok(()));
    change(&mut plan);
    match check(&plan) {
        Err(ExecError::Plan { layer, reason }) => format!("{layer}: {reason}"),
        other => format!("{other:?}"),
    }
}

fn first_conv(plan: &mut Plan, change: impl FnOnce(&mut Conv)) {
    if let Kernel::Conv(conv) = &mut plan.steps[0].kernel {
        change(conv);
    }
}

#[test]
fn contradictions_in_a_plan_are_found_before_anything_runs() {
    assert_eq!(fault(|plan| plan.steps[1].inputs[0] = 9), "b + b_relu: no value 9");
    assert_eq!(fault(|plan| plan.values[3].buffer = 7), "features: no buffer 7");
    assert_eq!(fault(|plan| plan.buffers[2] = 127), "b + b_relu: buffer of 127 elements, 128 needed");
    assert_eq!(fault(|plan| plan.values[1].buffer = 0), "a + a_relu: writes buffer 0, which it reads");
    assert_eq!(fault(|plan| plan.steps[2].inputs.truncate(1)), "c + c_relu: 1 inputs for a kernel of 2");
    assert_eq!(fault(|plan| plan.params[1].shape = vec![7]), "a + a_relu: parameter of 7 elements, 8 needed");
    assert_eq!(fault(|plan| plan.params.truncate(3)), "b + b_relu: no parameter 3");
    assert_eq!(
        fault(|plan| first_conv(plan, |conv| conv.input[1] = 5)),
        "a + a_relu: input of 128 elements, 160 needed"
    );
    assert_eq!(
        fault(|plan| first_conv(plan, |conv| conv.strides[0] = 0)),
        "a + a_relu: a size of zero in [0, 1]"
    );
    assert_eq!(
        fault(|plan| first_conv(plan, |conv| conv.groups = 3)),
        "a + a_relu: 8 channels and 8 filters in 3 groups"
    );
}

#[test]
fn a_copy_outside_its_output_is_found() {
    let view = |offset| Strided { offset, strides: [0, 0, 0, 2] };
    let part = CopyBox { size: [1, 1, 1, 4], from: view(0), to: view(2) };
    let copy = Copy { elements: 8, zero: true, boxes: vec![part] };
    let mut plan = map_plan(8);
    plan.steps[0].kernel = Kernel::Copy(copy);
    let error = check(&plan).expect_err("element 8 of 8");
    assert!(error.to_string().ends_with("output of 8 elements, 9 needed"), "{error}");
}

#[test]
fn shaders_are_chosen_by_groups_and_filters() {
    let mut plan = plan();
    first_conv(&mut plan, |conv| conv.groups = 2);
    let recording = recorded(&plan);
    let shaders: Vec<Shader> = recording.pipelines.iter().map(|pipeline| pipeline.shader).collect();
    assert_eq!(shaders, [Shader::ConvGrouped, Shader::Conv2d, Shader::Conv2d]);
}

/// The first convolution of the plan, on `side` × `side` pixels with `filters` filters.
fn resized(side: usize, filters: usize) -> Plan {
    let mut plan = plan();
    plan.outputs.clear();
    plan.steps.truncate(1);
    first_conv(&mut plan, |conv| (conv.input, conv.output) = ([1, side, side, 8], [1, side, side, filters]));
    plan.params[0].shape = vec![1, 1, 8, filters];
    plan.params[1].shape = vec![filters];
    plan.buffers = vec![side * side * 8, side * side * filters, 0, 0];
    plan.values.truncate(2);
    plan.values[0].shape = vec![1, side, side, 8];
    plan.values[1].shape = vec![1, side, side, filters];
    plan
}

#[test]
fn every_tile_covers_the_output() {
    // 7 × 7 pixels by 20 channels: tiles of pixels × tiles of channels, in workgroups of 64 where one is an invocation.
    let plan = resized(7, 20);
    let groups = |tile| recorded_in(&plan, &Tiling::Always(tile)).dispatches[0].groups;
    assert_eq!(groups(Tile::Registers8), [1, 1]);
    assert_eq!(groups(Tile::Registers16), [1, 1]);
    assert_eq!(groups(Tile::Shared16), [4 * 2, 1]);
    assert_eq!(groups(Tile::Shared32), [2, 1]);
    assert_eq!(groups(Tile::Shared64), [1, 1]);
}

#[test]
fn what_was_not_measured_is_tiled_by_the_size_of_the_output() {
    let tiling = Tiling::Measured(HashMap::new());
    let side = |side, filters| {
        let recording = recorded_in(&resized(side, filters), &tiling);
        let overrides = &recording.pipelines[0].overrides;
        let value = |wanted| overrides.iter().find(|(name, _)| *name == wanted).map(|&(_, value)| value);
        (value("SIDE"), value("QUAD_BLOCKS"))
    };
    assert_eq!(side(56, 256), (Some(8), Some(2)));
    assert_eq!(side(28, 256), (Some(8), None));
    assert_eq!(side(7, 512), (Some(4), None));
}

#[test]
fn what_was_measured_goes_before_the_size() {
    let plan = resized(7, 512);
    let Kernel::Conv(conv) = &plan.steps[0].kernel else { unreachable!("a convolution") };
    let tiling = Tiling::Measured(HashMap::from([(Class::of(conv), Tile::Registers16)]));
    assert_eq!(recorded_in(&plan, &tiling).pipelines[0].shader, Shader::Conv2d);
}
