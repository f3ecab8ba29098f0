//! Which tile is fastest on this device, by its own clock: the core has none.

use std::collections::HashMap;

use super::trouble::Scopes;
use super::{Buffers, Gpu, Network};
use crate::exec::ExecError;
use crate::exec::gpu::record::record;
use crate::exec::gpu::tiling::{Class, Tile, Tiling};
use crate::plan::{Conv, Kernel, Param, Plan, Recipe, Step, Value};

/// Classes of convolutions measured per model, the most expensive first; a ResNet has about twenty.
const CLASSES: usize = 6;
/// Runs per measurement: browsers round times to 100 µs, and a convolution of ResNet50 takes about as long.
const RUNS: usize = 8;

/// A class of convolutions, ready to be run on every tile for GPUs.
struct Trial {
    class: Class,
    /// In the order of [`Tile::FOR_GPUS`].
    networks: Vec<Network>,
    buffers: Buffers,
}

impl Gpu {
    /// Measures the tiles on the most expensive convolutions of `plan` that have not been measured before. Where that
    /// can't be done they go by size: a model is loaded all the same.
    pub(super) async fn tune(&mut self, plan: &Plan) {
        let Tiling::Measured(known) = &self.tiling else { return };
        if !self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return;
        }
        let convs = expensive(plan, known);
        if !convs.is_empty()
            && let Ok(measured) = self.measure(&convs).await
            && let Tiling::Measured(known) = &mut self.tiling
        {
            known.extend(measured);
        }
    }

    async fn measure(&mut self, convs: &[Conv]) -> Result<HashMap<Class, Tile>, ExecError> {
        let mut trials = Vec::with_capacity(convs.len());
        for conv in convs {
            trials.push(self.trial(conv).await?);
        }
        let times = self.time(&trials).await;
        trials.iter().for_each(|trial| trial.buffers.destroy());
        let times = times?;
        let pairs = trials.iter().zip(times.chunks_exact(Tile::FOR_GPUS.len()));
        Ok(pairs.filter_map(|(trial, times)| Some((trial.class, fastest(times)?))).collect())
    }

    async fn trial(&mut self, conv: &Conv) -> Result<Trial, ExecError> {
        let plan = sample(conv);
        let limits = self.limits();
        let recordings = Tile::FOR_GPUS.map(|tile| record(&plan, &limits, &Tiling::Always(tile)));
        let recordings = recordings.into_iter().collect::<Result<Vec<_>, _>>()?;
        let buffers = self.allocate(&recordings[0]).await?;
        // Only the pipelines differ between the tiles.
        self.queue.write_buffer(&buffers.uniforms, 0, &recordings[0].uniforms);
        let compiling: Vec<_> = recordings.iter().map(|recording| self.begin(recording)).collect();
        let mut networks = Vec::with_capacity(recordings.len());
        for (recording, compiling) in recordings.iter().zip(compiling) {
            let pipelines = self.finish(compiling).await?;
            networks.push(self.prepare(&plan, recording, &pipelines, buffers.clone()).await?);
        }
        Ok(Trial { class: Class::of(conv), networks, buffers })
    }

    /// How long every network of every trial takes, in ticks of the device's clock.
    async fn time(&self, trials: &[Trial]) -> Result<Vec<u64>, ExecError> {
        use wgpu::BufferUsages as Usage;
        let networks: Vec<&Network> = trials.iter().flat_map(|trial| &trial.networks).collect();
        let scopes = Scopes::push(&self.device);
        let (label, count) = (None, 2 * networks.len() as u32);
        let set = wgpu::QuerySetDescriptor { label, ty: wgpu::QueryType::Timestamp, count };
        let stamps = self.device.create_query_set(&set);
        let bytes = 8 * u64::from(count);
        let resolved = self.buffer(bytes, Usage::QUERY_RESOLVE | Usage::COPY_SRC);
        let readback = self.buffer(bytes, Usage::MAP_READ | Usage::COPY_DST);
        let mut encoder = self.device.create_command_encoder(&Default::default());
        for (network, first) in networks.into_iter().zip((0..).step_by(2)) {
            encode_stamped(&mut encoder, network, &stamps, first);
        }
        encoder.resolve_query_set(&stamps, 0..count, &resolved, 0);
        encoder.copy_buffer_to_buffer(&resolved, 0, &readback, 0, bytes);
        self.queue.submit([encoder.finish()]);
        if let Some(error) = scopes.pop().await {
            return Err(self.trouble.explain("the measurement", &error));
        }
        self.map(&readback).await?;
        let view = readback.get_mapped_range(..);
        let times = view.map(|view| view.chunks_exact(16).map(elapsed).collect());
        times.map_err(|error| self.trouble.explain("the measurement", &error))
    }
}

/// Runs a network once to warm up, then several times between two time stamps.
fn encode_stamped(
    encoder: &mut wgpu::CommandEncoder,
    network: &Network,
    stamps: &wgpu::QuerySet,
    first: u32,
) {
    network.dispatch(&mut encoder.begin_compute_pass(&Default::default()));
    let writes = wgpu::ComputePassTimestampWrites {
        query_set: stamps,
        beginning_of_pass_write_index: Some(first),
        end_of_pass_write_index: Some(first + 1),
    };
    let timed = wgpu::ComputePassDescriptor { label: None, timestamp_writes: Some(writes) };
    let mut pass = encoder.begin_compute_pass(&timed);
    for _ in 0..RUNS {
        network.dispatch(&mut pass);
    }
}

/// From one time stamp to the next; 0 for a clock that went backwards.
fn elapsed(stamps: &[u8]) -> u64 {
    let stamp = |bytes: &[u8]| bytes.iter().rev().fold(0, |all, &byte| all << 8 | u64::from(byte));
    stamp(&stamps[8..]).saturating_sub(stamp(&stamps[..8]))
}

/// The tile with the shortest time; none where the clock is too coarse to tell.
fn fastest(times: &[u64]) -> Option<Tile> {
    let timed = Tile::FOR_GPUS.into_iter().zip(times);
    let (tile, &time) = timed.min_by_key(|&(_, time)| time)?;
    (time > 0).then_some(tile)
}

/// One convolution of each of the classes in which `plan` spends most multiplications, those in `known` left out.
fn expensive(plan: &Plan, known: &HashMap<Class, Tile>) -> Vec<Conv> {
    let mut classes: HashMap<Class, (f64, &Conv)> = HashMap::new();
    for step in &plan.steps {
        if let Kernel::Conv(conv) = &step.kernel
            && Tiling::applies(conv)
        {
            classes.entry(Class::of(conv)).or_insert((0.0, conv)).0 += multiplications(conv);
        }
    }
    let mut sorted: Vec<(f64, &Conv)> = classes.into_values().collect();
    sorted.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let costly = sorted.into_iter().take(CLASSES).map(|(_, conv)| conv.clone());
    costly.filter(|conv| !known.contains_key(&Class::of(conv))).collect()
}

fn multiplications(conv: &Conv) -> f64 {
    let sizes = conv.output.iter().chain(&conv.window).chain([&conv.input[3]]);
    sizes.map(|&size| size as f64).product()
}

/// A plan of nothing but this convolution.
fn sample(conv: &Conv) -> Plan {
    let conv = Conv { kernel: 0, bias: 1, ..conv.clone() };
    let value = |shape: &[usize], buffer| Value { shape: shape.to_vec(), buffer };
    let param =
        |shape: &[usize]| Param { name: "tuning".into(), shape: shape.to_vec(), recipe: Recipe::Zeros };
    let [rows, columns] = conv.window;
    let shapes = [&conv.input, &conv.output, &conv.output];
    Plan {
        batch: conv.input[0],
        values: shapes.iter().enumerate().map(|(buffer, shape)| value(&shape[..], buffer)).collect(),
        params: vec![param(&[rows, columns, conv.input[3], conv.output[3]]), param(&[conv.output[3]])],
        buffers: shapes.iter().map(|shape| shape.iter().product()).collect(),
        steps: vec![Step {
            layers: vec!["tuning".into()],
            inputs: if conv.residual { vec![0, 1] } else { vec![0] },
            kernel: Kernel::Conv(conv),
            output: 2,
        }],
        ..Plan::default()
    }
}
