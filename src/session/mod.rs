//! The pipeline: from a byte source to a report, stage by stage, telling what it does.
//!
//! An `Err` of a stage ends nothing here: the checks get it as data, and the report says what it kept from being known.

mod digest;
mod measure;
pub(crate) mod opened;
mod pair;
mod predict;
mod prepare;
mod repair;
mod runner;

use std::sync::Arc;

use crate::checks::{self, Facts};
use crate::hdf5;
use crate::loaders::{self, Evidence, Load, imageai};
use crate::plan::{self, Plan, Structure};
use crate::report::{Parts, Report};
use crate::source::ByteSource;
use crate::zoo::block::{BlockKind, Version};
use crate::zoo::{self, Basis, Recognition};

pub use crate::loaders::pair::Family;
use opened::Opened;
pub use pair::{is_half, pair, pair_with_family};
pub use predict::{Clock, Input};
pub use prepare::{Prepared, RunError, prepare};
pub use repair::{Repaired, repair};
pub use runner::{Backend, Runner};

/// Rows and columns assumed where a model takes pictures of any size.
pub const OPEN_SIDE: usize = 224;

/// A part of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What the file is.
    Open,
    /// Architecture, lists of weights, recognition.
    Structure,
    /// Every number once.
    Weights,
    /// Checksums of the file.
    Digest,
}

impl Stage {
    /// The word used in events and reports.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::Structure => "structure",
            Stage::Weights => "weights",
            Stage::Digest => "digest",
        }
    }
}

/// What happens while a file is checked.
pub enum Event<'a> {
    /// So much of a stage is done.
    Progress {
        /// The stage.
        stage: Stage,
        /// Bytes or steps done.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// What is known so far, more than before.
    Known(&'a Known<'a>),
}

/// What is known of a file at some moment; a report of it is made when it is asked for.
pub struct Known<'a> {
    facts: &'a Facts<'a>,
    plan: Option<&'a Result<Plan, String>>,
    complete: &'a [&'static str],
    digests: Option<&'a (String, String)>,
}

impl Known<'_> {
    /// The report of it.
    pub fn report(&self) -> Report {
        let findings = checks::run_all(self.facts);
        Report::new(Parts {
            facts: self.facts,
            name: self.facts.name,
            findings: &findings,
            plan: self.plan.map(|plan| plan.as_ref().map_err(String::clone)),
            complete: self.complete.to_vec(),
            digests: self.digests.cloned(),
        })
    }
}

/// Checks a file. Always gives a report, whatever the bytes are.
pub fn check(name: &str, source: Arc<dyn ByteSource>, on_event: &mut dyn FnMut(Event<'_>)) -> Report {
    let mut run = Run { complete: Vec::new(), digests: None, on_event };
    run.enter(Stage::Open);
    let opened = Opened::sniffed(name, source);
    let source = opened.source.clone();
    run.complete(Stage::Open);

    run.enter(Stage::Structure);
    let opened = opened.read();
    let extent = opened.file.as_ref().and_then(|file| file.as_ref().ok()).map(hdf5::File::extent);
    let mut facts =
        Facts { extent, model: opened.model.as_ref(), ..Facts::new(name, source.len(), &opened.kind) };
    let keras = facts.model.and_then(|model| model.as_ref().ok());
    let recognition = keras.and_then(|model| match model.network() {
        Some(network) => Some(zoo::recognise(network)),
        None => zoo::recognise_weights(model),
    });
    facts.recognition = recognition.as_ref();
    let structure = keras.and_then(opened::of_file);
    let plan = structure.as_ref().map(plan);
    facts.structure = structure.as_ref();
    let (loads, imageai) = opened.with_evidence(structure.as_ref(), loads);
    facts.loads = Some(&loads);
    facts.imageai = Some(&imageai);
    let builds = opened.with_evidence(None, |evidence| builds(evidence, facts.recognition));
    facts.builds = builds.as_ref();
    let container = opened.file.and_then(Result::ok).map(hdf5::File::into_container);
    facts.container = container.as_ref();
    run.complete(Stage::Structure);
    run.tell(&facts, plan.as_ref());

    let stats = keras.map(|model| run.measure(model, source.len()));
    facts.stats = stats.as_deref();
    run.tell(&facts, plan.as_ref());

    run.digest(&*source);
    let md5 = run.digests.as_ref().map(|(md5, _)| md5.clone());
    facts.md5 = md5.as_deref();
    Known { facts: &facts, plan: plan.as_ref(), complete: &run.complete, digests: run.digests.as_ref() }
        .report()
}

/// What every runtime does with the file, and every ImageAI.
fn loads(evidence: &Evidence<'_>) -> (Vec<Load>, Vec<imageai::Answer>) {
    let loads = loaders::loads(evidence);
    let imageai = imageai::answers(evidence, &loads);
    (loads, imageai)
}

/// What the network that weights alone belong to does with them, where Keras or ImageAI can build it.
fn builds(
    evidence: &Evidence<'_>,
    recognition: Option<&Recognition>,
) -> Option<(Family, Vec<loaders::pair::Load>)> {
    let Some(Recognition::ResNet(resnet)) = recognition else { return None };
    let is_usual = resnet.block == BlockKind::Bottleneck && resnet.base_width == resnet.usual_width;
    if resnet.basis != Basis::Weights || !is_usual {
        return None;
    }
    let classes = resnet.classes.filter(|_| resnet.top);
    let family = Family::of_weights(resnet.version == Version::V2, resnet.depth, classes)?;
    let loads = loaders::pair::loads_with_family(&family, evidence, &[loaders::pair::Call::Place]).ok()?;
    Some((family, loads))
}

/// The plan for one picture, or why there is none.
fn plan(structure: &Structure<'_>) -> Result<Plan, String> {
    if let Some(mismatch) = structure.binding.mismatches.first() {
        return Err(format!("Architecture and weights do not fit together: {mismatch}."));
    }
    plan::build(&structure.graph, &structure.shapes, &structure.binding, 1).map_err(|error| error.to_string())
}

/// One check under way.
struct Run<'r> {
    complete: Vec<&'static str>,
    digests: Option<(String, String)>,
    on_event: &'r mut dyn FnMut(Event<'_>),
}

impl Run<'_> {
    fn enter(&mut self, stage: Stage) {
        (self.on_event)(Event::Progress { stage, done: 0, total: 1 });
    }

    fn complete(&mut self, stage: Stage) {
        self.complete.push(stage.word());
        (self.on_event)(Event::Progress { stage, done: 1, total: 1 });
    }

    fn tell(&mut self, facts: &Facts<'_>, plan: Option<&Result<Plan, String>>) {
        let known = Known { facts, plan, complete: &self.complete, digests: self.digests.as_ref() };
        (self.on_event)(Event::Known(&known));
    }

    fn digest(&mut self, source: &dyn ByteSource) {
        self.enter(Stage::Digest);
        let total = source.len().max(1);
        let on_event = &mut *self.on_event;
        let tell = &mut |done| on_event(Event::Progress { stage: Stage::Digest, done, total });
        // A file that can't be read to its end has no checksum; the checks have said so already.
        self.digests = digest::digests(source, tell).ok();
        self.complete(Stage::Digest);
    }
}

/// Lets a shared source stand where an owned one is wanted.
struct Shared(Arc<dyn ByteSource>);

impl ByteSource for Shared {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), crate::source::ReadError> {
        self.0.read_at(offset, buffer)
    }
}
