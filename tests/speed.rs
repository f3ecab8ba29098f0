//! How long a ResNet50-shaped network takes; run by hand:
//! `cargo test --release --test speed -- --ignored --nocapture --test-threads=1`.
#![cfg(not(target_arch = "wasm32"))]

use std::time::Instant;

use resnet_verifier::exec::Progress;
use resnet_verifier::exec::cpu::reference;
use resnet_verifier::exec::gpu::engine::Gpu;
use resnet_verifier::exec::gpu::tiling::{Tile, Tiling};
use resnet_verifier::plan::{
    Activation, Conv, Kernel, Param, ParamId, Plan, Pool, PoolKind, Port, Recipe, Softmax, Step, Value,
};

/// ResNet50 of keras.applications (3.86 GMAC at 224×224), batch normalization folded away.
fn resnet50() -> Plan {
    let mut net = Net::default();
    let image = net.value([1, 224, 224, 3]);
    net.plan.inputs.push(Port { name: "input".into(), value: image });
    let stem = net.conv(image, 64, 7, 2, 3, None, Activation::RELU);
    let mut x = net.pool(stem, PoolKind::Max, 3, 2, 1);
    for (stage, (blocks, filters)) in [(3, 64), (4, 128), (6, 256), (3, 512)].into_iter().enumerate() {
        for block in 0..blocks {
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            let shortcut =
                if block == 0 { net.conv(x, 4 * filters, 1, stride, 0, None, Activation::Linear) } else { x };
            let a = net.conv(x, filters, 1, stride, 0, None, Activation::RELU);
            let b = net.conv(a, filters, 3, 1, 1, None, Activation::RELU);
            x = net.conv(b, 4 * filters, 1, 1, 0, Some(shortcut), Activation::RELU);
        }
    }
    let features = net.pool(x, PoolKind::Average, 7, 7, 0);
    let logits = net.conv(features, 1000, 1, 1, 0, None, Activation::Linear);
    let output = net.value([1, 1, 1, 1000]);
    net.step(Kernel::Softmax(Softmax { rows: 1, columns: 1000, log: false }), &[logits], output);
    net.plan.outputs.push(Port { name: "predictions".into(), value: output });
    net.plan
}

#[derive(Default)]
struct Net {
    plan: Plan,
    shapes: Vec<[usize; 4]>,
    macs: usize,
}

impl Net {
    fn value(&mut self, shape: [usize; 4]) -> usize {
        self.shapes.push(shape);
        self.plan.buffers.push(shape.iter().product());
        self.plan.values.push(Value { shape: shape.to_vec(), buffer: self.plan.buffers.len() - 1 });
        self.plan.values.len() - 1
    }

    fn step(&mut self, kernel: Kernel, inputs: &[usize], output: usize) {
        let layers = vec![format!("step_{}", self.plan.steps.len())];
        self.plan.steps.push(Step { layers, kernel, inputs: inputs.to_vec(), output });
    }

    fn param(&mut self, shape: &[usize]) -> usize {
        let name = format!("param_{}", self.plan.params.len());
        self.plan.params.push(Param { name, shape: shape.to_vec(), recipe: Recipe::Values(vec![]) });
        self.plan.params.len() - 1
    }

    fn windowed(&mut self, from: usize, depth: usize, window: usize, stride: usize, pad: usize) -> usize {
        let [n, h, w, _] = self.shapes[from];
        self.value([n, (h + 2 * pad - window) / stride + 1, (w + 2 * pad - window) / stride + 1, depth])
    }

    #[allow(clippy::too_many_arguments)]
    fn conv(
        &mut self,
        from: usize,
        filters: usize,
        window: usize,
        stride: usize,
        pad: usize,
        residual: Option<usize>,
        activation: Activation,
    ) -> usize {
        let to = self.windowed(from, filters, window, stride, pad);
        let kernel = self.param(&[window, window, self.shapes[from][3], filters]);
        let bias = self.param(&[filters]);
        let conv = Conv {
            input: self.shapes[from],
            output: self.shapes[to],
            window: [window; 2],
            strides: [stride; 2],
            dilation: [1; 2],
            padding: [pad; 2],
            groups: 1,
            kernel,
            bias,
            residual: residual.is_some(),
            activation,
        };
        self.macs += conv.output.iter().product::<usize>() * window * window * conv.input[3];
        let inputs: Vec<usize> = std::iter::once(from).chain(residual).collect();
        self.step(Kernel::Conv(conv), &inputs, to);
        to
    }

    fn pool(&mut self, from: usize, kind: PoolKind, window: usize, stride: usize, pad: usize) -> usize {
        let to = self.windowed(from, self.shapes[from][3], window, stride, pad);
        let pool = Pool {
            kind,
            input: self.shapes[from],
            output: self.shapes[to],
            window: [window; 2],
            strides: [stride; 2],
            padding: [pad; 2],
        };
        self.step(Kernel::Pool(pool), &[from], to);
        to
    }
}

/// Weights of the size that keeps the variance of the activations.
fn weights(id: ParamId, param: &Param) -> Result<Vec<f32>, String> {
    let filters = param.shape.last().copied().unwrap_or(1);
    let count: usize = param.shape.iter().product();
    let inputs = (count / filters).max(1) as f32;
    let mut state = id as u64 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * (3.0 / inputs).sqrt()
    };
    Ok((0..count).map(|_| next()).collect())
}

fn go_on(_: Progress<'_>) -> bool {
    true
}

fn image() -> Vec<f32> {
    (0..224 * 224 * 3).map(|i| (i % 251) as f32 / 125.0 - 1.0).collect()
}

/// The numbers of every parameter of the plan.
fn all_weights(plan: &Plan) -> Vec<Vec<f32>> {
    let one = |(id, param)| weights(id, param).expect("weights");
    plan.params.iter().enumerate().map(one).collect()
}

#[test]
#[ignore = "a measurement"]
fn resnet50_on_both_executors() {
    let (plan, image) = (resnet50(), image());
    let params = all_weights(&plan);
    let mut source = |id: ParamId, _: &Param| Ok(params[id].clone());
    let start = Instant::now();
    let expected = reference::run(&plan, &mut source, &[&image], &mut go_on).expect("the reference");
    println!("reference: {:?}", start.elapsed());
    on_every_tile(|tile, found| {
        let largest = expected[0].iter().copied().fold(0.0, f32::max);
        let difference = expected[0].iter().zip(found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{tile:?}: largest softmax {largest}, largest difference {difference:e}");
    });
}

#[test]
#[ignore = "a measurement"]
fn resnet50_on_every_tile() {
    on_every_tile(|_, _| {});
}

/// Loads and runs the network with every tile, each on a fresh device, and hands over what came out.
fn on_every_tile(mut look: impl FnMut(Tile, &[f32])) {
    let (plan, image) = (resnet50(), image());
    let params = all_weights(&plan);
    let mut source = |id: ParamId, _: &Param| Ok(params[id].clone());
    for tile in Tile::ALL {
        let Ok(mut gpu) = pollster::block_on(Gpu::new()) else {
            return println!("no adapter");
        };
        gpu.set_tiling(Tiling::Always(tile));
        let start = Instant::now();
        let network = pollster::block_on(gpu.load(&plan, &mut source, &mut go_on)).expect("a model");
        println!("{:?}, {tile:?}: load {:?}", gpu.facts(), start.elapsed());
        for _ in 0..3 {
            let start = Instant::now();
            let found = pollster::block_on(gpu.run(&network, &[&image])).expect("a run");
            println!("run {:?}", start.elapsed());
            look(tile, &found[0]);
        }
    }
}
