//! What a person or a script gets: one shape, serialised as JSON, and one file per other format.

mod container;
mod error;
mod labels;
mod layers;
mod loads;
mod pair;
mod run;
mod terminal;
mod text;
mod verdict;
mod words;

use serde::Serialize;

use crate::checks::Facts;
use crate::finding::Finding;
use crate::image::guess;
use crate::keras::ModelFile;
use crate::plan::Plan;
use crate::zoo::families::Variant;
use crate::zoo::{self, Recognition, recognise};

pub use container::{Container, Links};
pub use error::{Hidden, PastedError, Seen};
pub use labels::Labels;
pub use layers::{Cut, Layer, Weight};
pub use loads::Load;
pub use pair::{Pair, PairLoad, PairRow, PairWeight};
pub use run::{Adapter, Class, Millis, Output, RunReport};
pub use terminal::{printable, shell_word};
pub use text::text;
pub use verdict::Verdict;
pub use words::sentence;

/// Version of the JSON's meaning; fields are added without changing it.
pub const SCHEMA: u32 = 1;

/// Everything known of one file. Serialised, it is the JSON of `check`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The file itself.
    pub file: File,
    /// The answer in one word.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub summary: String,
    /// The same without the finding it quotes, for where the findings follow.
    pub headline: String,
    /// The HDF5 file around the model; absent where there is none.
    pub container: Option<Container>,
    /// Which network it is; absent without an architecture.
    pub recognition: Option<Network>,
    /// What was found, the worst first.
    pub findings: Vec<Found>,
    /// Where it loads; empty until that has been predicted.
    pub loads: Vec<Load>,
    /// The list of classes that was given with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// The error that was pasted with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PastedError>,
    /// What becomes of it and another file together, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// The layers and their weights.
    pub layers: Vec<Layer>,
    /// Whether the model can be run here.
    pub runs: Runs,
    /// The stages that have been gone through.
    pub complete: Vec<&'static str>,
}

/// The file itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct File {
    /// Its name, without folders.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// MD5 in hexadecimal, once the whole file has been read.
    pub md5: Option<String>,
    /// SHA-256 in hexadecimal, once the whole file has been read.
    pub sha256: Option<String>,
    /// What it is, in a few words.
    pub kind: String,
    /// Who saved it, as far as it says.
    pub saved_by: Option<String>,
    /// The published file that it is byte for byte.
    pub official: Option<Official>,
    /// The releases that may have saved it, as far as `keras_version` and the arguments of the layers tell.
    pub saver: Option<String>,
    /// More about it, for showing.
    pub facts: Vec<Fact>,
}

/// A published file.
#[derive(Clone, Debug, Serialize)]
pub struct Official {
    /// Its name there.
    pub file: &'static str,
    /// Who published it.
    pub release: &'static str,
    /// What it is made for.
    pub loader: &'static str,
}

/// A line of a table.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// Left.
    pub label: &'static str,
    /// Right.
    pub value: String,
}

/// Which network a file holds.
#[derive(Clone, Debug, Serialize)]
pub struct Network {
    /// `ResNet50`, or what else it is.
    pub family: Option<String>,
    /// Weighted layers along the main path, as in the name of the family.
    pub depth: Option<usize>,
    /// `v1` or `v2`.
    pub version: Option<&'static str>,
    /// Which of the implementations of that family.
    pub variant: Option<&'static str>,
    /// Whether the classifier is there.
    pub top: Option<bool>,
    /// Length of the classifier's output.
    pub classes: Option<usize>,
    /// Whose layer names it uses.
    pub naming: Option<&'static str>,
    /// Shape of the input without the batch, `null` where it is open.
    pub input_shape: Option<Vec<Option<usize>>>,
    /// Numbers in all weights.
    pub parameters: u64,
    /// Layers that have weights, those of nested models counted each.
    pub weighted_layers: usize,
    /// The same in one sentence.
    pub summary: String,
    /// The first place where it differs from its family.
    pub departure: Option<Departure>,
    /// Its stages.
    pub stages: Vec<Stage>,
    /// What it was recognised from: `architecture` or `weights`.
    pub basis: &'static str,
    /// What led to it, in sentences; what stays open stands last.
    pub evidence: Vec<String>,
    /// Small facts that tell implementations apart.
    pub details: Option<zoo::details::Details>,
}

/// Where a network differs from its family.
#[derive(Clone, Debug, Serialize)]
pub struct Departure {
    /// The layer.
    pub place: String,
    /// Where that is in the network: `stage conv3, block 1, main branch`.
    pub within: String,
    /// What about it: `strides`.
    pub attribute: &'static str,
    /// What the family has there.
    pub expected: String,
    /// What the file has there.
    pub found: String,
}

/// A stage of a ResNet.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Its usual name.
    pub name: String,
    /// Number of residual blocks.
    pub blocks: usize,
    /// Filters inside its blocks.
    pub width: usize,
}

/// A finding, serialised.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Stable code of its rule.
    pub code: &'static str,
    /// Kebab-case word of its rule.
    pub name: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// Where.
    pub place: String,
    /// What.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// What such a finding means, in general.
    pub meaning: &'static str,
    /// What a real loader prints for it.
    pub loader_message: Option<String>,
}

/// Whether the model can be run here.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Runs {
    /// Whether it can.
    pub ok: bool,
    /// Why not.
    pub reason: Option<String>,
    /// `[height, width, channels]` that pictures are brought to.
    pub input_shape: Option<Vec<usize>>,
    /// The preparation of pictures that is assumed.
    pub preprocess: Option<&'static str>,
    /// Why that one.
    pub preprocess_reason: Option<String>,
}

/// What a report is made from, besides the facts.
pub struct Parts<'a> {
    /// What is known of the file.
    pub facts: &'a Facts<'a>,
    /// Its name.
    pub name: &'a str,
    /// What the checks found.
    pub findings: &'a [Finding],
    /// The plan, or why there is none; absent before the structure is known.
    pub plan: Option<Result<&'a Plan, String>>,
    /// Stages gone through.
    pub complete: Vec<&'static str>,
    /// MD5 and SHA-256 in hexadecimal.
    pub digests: Option<(String, String)>,
}

impl Report {
    /// Puts a report together.
    pub fn new(parts: Parts<'_>) -> Report {
        let facts = parts.facts;
        let mut findings: Vec<&Finding> = parts.findings.iter().collect();
        findings.sort_by_key(|finding| finding.rule.severity);
        let verdict = Verdict::of(facts, &findings);
        let verdict::Sentence { headline, quote } = verdict::sentence(verdict, facts, &findings);
        Report {
            schema: SCHEMA,
            file: file(&parts),
            verdict,
            summary: format!("{headline}{quote}"),
            headline,
            container: container::container(facts),
            recognition: facts.recognition.map(|recognition| network(facts, recognition)),
            findings: findings.into_iter().map(found).collect(),
            loads: loads::loads(facts),
            pair: None,
            layers: layers::layers(facts),
            runs: runs(&parts),
            complete: parts.complete,
            labels: None,
            error: None,
        }
    }

    /// Judges a list of classes, ImageAI's model_class.json, that belongs to the model.
    pub fn with_labels(mut self, text: &str) -> Report {
        let classes = self.recognition.as_ref().and_then(|network| network.classes);
        self.labels = Some(Labels::new(text, classes));
        self
    }

    /// Explains an error that a person saw with this file.
    pub fn with_error(mut self, text: &str) -> Report {
        let seen: Vec<Seen> = self.loads.iter().map(Seen::from).collect();
        self.error = Some(PastedError::new(text, Some(&seen)));
        self
    }

    /// The JSON that scripts and the page read.
    pub fn json(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|error| format!("{{\"schema\":{SCHEMA},\"error\":\"{error}\"}}"))
    }
}

fn file(parts: &Parts<'_>) -> File {
    let (md5, sha256) = parts.digests.clone().unzip();
    let model = parts.facts.model.and_then(|model| model.as_ref().ok());
    File {
        name: parts.name.to_string(),
        bytes: parts.facts.length,
        md5,
        sha256,
        kind: words::kind(parts.facts),
        saved_by: model.and_then(words::saved_by),
        official: parts.facts.md5.and_then(zoo::official::by_md5).map(|official| Official {
            file: official.file,
            release: official.release,
            loader: official.loader,
        }),
        saver: model.and_then(ModelFile::saver_evidence),
        facts: words::facts(parts.facts),
    }
}

fn found(finding: &Finding) -> Found {
    Found {
        code: finding.rule.code,
        name: finding.rule.name,
        severity: finding.rule.severity.word(),
        place: finding.place.to_string(),
        message: finding.message.clone(),
        fix: finding.fix.clone(),
        meaning: finding.rule.meaning,
        loader_message: finding.loader_message.clone(),
    }
}

fn network(facts: &Facts<'_>, recognition: &Recognition) -> Network {
    let model = facts.model.and_then(|model| model.as_ref().ok());
    let resnet = recognition.resnet();
    let name = match recognition {
        Recognition::ResNet(resnet) => Some(resnet.family.clone()),
        Recognition::Other(other) => Some(other.name.clone()),
        Recognition::Unknown(_) => None,
    };
    Network {
        family: name,
        depth: resnet.map(|resnet| resnet.depth),
        version: resnet.map(|resnet| resnet.version.word()),
        variant: resnet.map(|resnet| resnet.variant).filter(|v| *v != Variant::Open).map(Variant::word),
        top: resnet.map(|resnet| resnet.top),
        classes: resnet.and_then(|resnet| resnet.classes),
        naming: resnet.map(|resnet| resnet.naming.word()),
        input_shape: resnet.and_then(|resnet| resnet.input_shape.clone()),
        parameters: model.map_or(0, |model| model.weights.parameters()),
        weighted_layers: model.map_or(0, crate::zoo::stored::layers::count),
        summary: recognition.summary(),
        departure: resnet.and_then(|resnet| resnet.departure.as_ref()).map(departure),
        stages: resnet.map(|resnet| resnet.stages.iter().map(stage).collect()).unwrap_or_default(),
        basis: recognition.basis().word(),
        evidence: recognition.evidence(),
        details: resnet.map(|resnet| resnet.details.clone()),
    }
}

fn departure(departure: &recognise::Departure) -> Departure {
    Departure {
        place: departure.place.to_string(),
        within: departure.within.clone(),
        attribute: departure.attribute,
        expected: departure.expected.clone(),
        found: departure.found.clone(),
    }
}

fn stage(stage: &recognise::Stage) -> Stage {
    Stage { name: stage.name.clone(), blocks: stage.blocks, width: stage.width }
}

fn runs(parts: &Parts<'_>) -> Runs {
    match &parts.plan {
        None => Runs { reason: Some("The architecture is not known.".into()), ..Runs::default() },
        Some(Err(reason)) => Runs { reason: Some(sentence(reason)), ..Runs::default() },
        Some(Ok(plan)) => {
            let shape = plan.inputs.first().map(|port| plan.values[port.value].shape[1..].to_vec());
            let network =
                parts.facts.model.and_then(|model| model.as_ref().ok()).and_then(ModelFile::network);
            let guess = network
                .zip(parts.facts.recognition)
                .map(|(network, recognition)| guess(network, recognition));
            Runs {
                ok: true,
                reason: None,
                input_shape: shape,
                preprocess: guess.map(|(mode, _)| mode.word()),
                preprocess_reason: guess.map(|(_, why)| sentence(why)),
            }
        }
    }
}
