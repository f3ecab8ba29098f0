//! The ResNet50s that ImageAI builds before it loads weights into them, as configs that the rest of the loaders reads.
//!
//! Sources: ImageAI 2.0.3 `Prediction/ResNet/resnet50.py`; TensorFlow 2.4.1 `keras/applications/resnet.py`, which ImageAI 2.1.6 calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use crate::graph::Graph;
use crate::keras::network::Network;
use crate::keras::{WeightTable, parse};
use crate::loaders::config::{Template, ordered};
use crate::plan::{Structure, bind, shapes};

/// Filters at the end of a stage's blocks, and how many blocks it has.
const STAGES: [(usize, usize); 4] = [(256, 3), (512, 4), (1024, 6), (2048, 3)];

/// Whose ResNet50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// ImageAI's own, up to 2.1.5.
    Own,
    /// `tf.keras.applications.ResNet50`, from 2.1.6 on.
    Applications,
}

/// A network as the weights' loading takes it.
pub struct Prepared<'n> {
    pub template: Template,
    pub structure: Structure<'n>,
}

/// How many networks are kept; a file asks for two designs with its own number of classes and with ImageNet's.
const KEPT: usize = 16;

/// A network that is kept, and what it was built of.
type Kept = (Design, usize, &'static Prepared<'static>);

/// The networks built so far, since every file is tried on one with its own number of classes.
static BUILT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// Gives `ask` the layers of a ResNet50 for pictures of 224×224 with so many classes.
///
/// # Errors
/// Why its config can't be read, which would be a mistake of this module.
pub fn with_network<T>(
    design: Design,
    classes: usize,
    ask: impl FnOnce(&Prepared<'_>) -> T,
) -> Result<T, String> {
    if let Some(prepared) = kept(design, classes) {
        return Ok(ask(prepared));
    }
    let network = parse::network(&config(design, classes), false)?;
    let mut built = built();
    if built.len() >= KEPT {
        drop(built);
        return Ok(ask(&prepare(&network)));
    }
    let prepared: &'static _ = Box::leak(Box::new(prepare(Box::leak(Box::new(network)))));
    built.push((design, classes, prepared));
    drop(built);
    Ok(ask(prepared))
}

fn kept(design: Design, classes: usize) -> Option<&'static Prepared<'static>> {
    built().iter().find(|(of, count, _)| (*of, *count) == (design, classes)).map(|(.., prepared)| *prepared)
}

fn built() -> MutexGuard<'static, Vec<Kept>> {
    BUILT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Its layers in the order of their weights, and their shapes.
fn prepare(network: &Network) -> Prepared<'_> {
    let graph = Graph::flatten(network);
    let shapes = shapes::infer(&graph, [224, 224]);
    let binding = bind::bind(network, &graph, &shapes, &WeightTable::default());
    Prepared { template: ordered(network, ""), structure: Structure { graph, shapes, binding } }
}

/// The `model_config` of a ResNet50 for pictures of 224×224 with so many classes.
pub fn config(design: Design, classes: usize) -> Value {
    let mut build = Build { design, layers: Vec::new(), counts: HashMap::new() };
    let input = build.add("InputLayer", "input_1", json!({"batch_input_shape": [null, 224, 224, 3]}), &[]);
    let mut x = build.stem(input);
    for (stage, (filters, blocks)) in STAGES.into_iter().enumerate() {
        for block in 0..blocks {
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            x = build.block(
                &format!("conv{}_block{}", stage + 2, block + 1),
                x,
                filters,
                (stride, block == 0),
            );
        }
    }
    let output = build.head(x, classes);
    json!({"class_name": "Model", "config": {
        "name": "model", "layers": build.layers, "input_layers": [["input_1", 0, 0]], "output_layers": [[output, 0, 0]],
    }})
}

struct Build {
    design: Design,
    layers: Vec<Value>,
    counts: HashMap<String, usize>,
}

impl Build {
    /// Adds a layer; gives its name.
    fn add(&mut self, class: &str, name: &str, config: Value, inputs: &[&str]) -> String {
        let mut config: Map<String, Value> = config.as_object().cloned().unwrap_or_default();
        config.insert("name".into(), name.into());
        let calls: Vec<Value> = inputs.iter().map(|input| json!([input, 0, 0, {}])).collect();
        let nodes = if calls.is_empty() { json!([]) } else { json!([calls]) };
        self.layers
            .push(json!({"class_name": class, "name": name, "config": config, "inbound_nodes": nodes}));
        name.to_string()
    }

    /// The name that the design gives a layer: ImageAI leaves it to Keras, which counts (`conv2d`, `conv2d_1`).
    fn name(&mut self, automatic: &str, given: String) -> String {
        if self.design == Design::Applications {
            return given;
        }
        let count = self.counts.entry(automatic.to_string()).or_insert(0);
        *count += 1;
        if *count == 1 { automatic.to_string() } else { format!("{automatic}_{}", *count - 1) }
    }

    fn relu(&mut self, given: String, input: &str) -> String {
        let name = self.name("activation", given);
        self.add("Activation", &name, json!({"activation": "relu"}), &[input])
    }

    /// A convolution and its normalization.
    fn conv(
        &mut self,
        given: &str,
        input: &str,
        filters: usize,
        (kernel, stride, padding): (usize, usize, &str),
    ) -> String {
        let name = self.name("conv2d", format!("{given}_conv"));
        let config = json!({"filters": filters, "kernel_size": [kernel, kernel], "strides": [stride, stride], "padding": padding});
        let conv = self.add("Conv2D", &name, config, &[input]);
        let name = self.name("batch_normalization", format!("{given}_bn"));
        let epsilon = if self.design == Design::Own { 1e-3 } else { 1.001e-5 };
        self.add("BatchNormalization", &name, json!({"axis": [3], "epsilon": epsilon}), &[&conv])
    }

    fn stem(&mut self, input: String) -> String {
        let own = self.design == Design::Own;
        let padded = if own { input } else { self.pad("conv1_pad", 3, &input) };
        let conv = self.conv("conv1", &padded, 64, (7, 2, if own { "same" } else { "valid" }));
        let relu = self.relu("conv1_relu".into(), &conv);
        let padded = if own { relu } else { self.pad("pool1_pad", 1, &relu) };
        let name = self.name("max_pooling2d", "pool1_pool".into());
        self.add(
            "MaxPooling2D",
            &name,
            json!({"pool_size": [3, 3], "strides": [2, 2], "padding": "valid"}),
            &[&padded],
        )
    }

    fn pad(&mut self, name: &str, rows: usize, input: &str) -> String {
        self.add("ZeroPadding2D", name, json!({"padding": [[rows, rows], [rows, rows]]}), &[input])
    }

    fn block(
        &mut self,
        name: &str,
        input: String,
        filters: usize,
        (stride, projected): (usize, bool),
    ) -> String {
        let part = |number: usize| format!("{name}_{number}");
        let shortcut = match projected {
            true => self.conv(&part(0), &input, filters, (1, stride, "same")),
            false => input.clone(),
        };
        let x = self.conv(&part(1), &input, filters / 4, (1, stride, "same"));
        let x = self.relu(format!("{name}_1_relu"), &x);
        let x = self.conv(&part(2), &x, filters / 4, (3, 1, "same"));
        let x = self.relu(format!("{name}_2_relu"), &x);
        let x = self.conv(&part(3), &x, filters, (1, 1, "same"));
        // Which of the two comes first decides the order in which Keras lists the layers of the two branches.
        let branches = if self.design == Design::Own { [&x, &shortcut] } else { [&shortcut, &x] };
        let sum = self.name("add", format!("{name}_add"));
        let sum = self.add("Add", &sum, json!({}), &branches.map(String::as_str));
        self.relu(format!("{name}_out"), &sum)
    }

    fn head(&mut self, x: String, classes: usize) -> String {
        let own = self.design == Design::Own;
        let pool = if own { "global_avg_pooling" } else { "avg_pool" };
        let x = self.add("GlobalAveragePooling2D", pool, json!({}), &[&x]);
        let activation = if own { "linear" } else { "softmax" };
        let name = self.name("dense", "predictions".into());
        let x = self.add("Dense", &name, json!({"units": classes, "activation": activation}), &[&x]);
        if !own {
            return x;
        }
        let name = self.name("activation", String::new());
        self.add("Activation", &name, json!({"activation": "softmax"}), &[&x])
    }
}
