//! The engine's door: a planned network on an executor.

use std::cell::RefCell;

use js_sys::{Function, Promise, Reflect, Uint8Array, WebAssembly};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{tell, told};
use crate::exec::{ParamSource, Progress, Stage};
use crate::image::{Preparation, Preprocess};
use crate::plan::{Param, ParamId};
use crate::session::{Backend, Input, Prepared, Runner};

#[wasm_bindgen]
extern "C" {
    /// The network in a file: the verifier's session, which is in a module and a memory of its own.
    #[derive(Clone)]
    pub type Model;

    #[wasm_bindgen(method, catch)]
    fn prepare(this: &Model) -> Result<Vec<u8>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn param(this: &Model, id: usize) -> Result<Vec<f32>, JsValue>;
}

/// A network that can be run.
#[wasm_bindgen]
pub struct Engine {
    model: Model,
    /// The model on its executor, with the backend that was asked for; kept from one picture to the next.
    runner: RefCell<Option<(Backend, Runner)>>,
}

/// What the page asks of a prediction.
#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    backend: Option<String>,
    #[serde(default)]
    preprocess: Option<String>,
    #[serde(default)]
    top: Option<usize>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine for the network of a verifier's session, which is planned when it is first run.
    #[wasm_bindgen(constructor)]
    pub fn new(model: Model) -> Engine {
        Engine { model, runner: RefCell::new(None) }
    }

    /// Predicts for the bytes of a picture or of a `.npy` tensor; `options` is JSON with `backend`, `preprocess` and `top`.
    ///
    /// # Errors
    /// When the picture or the model can't be used; in words.
    pub async fn predict(
        &self,
        picture: Uint8Array,
        options: String,
        on_event: Function,
    ) -> Result<String, JsValue> {
        let options: Options = serde_json::from_str(&options).map_err(JsError::from)?;
        let backend = options.backend.as_deref().and_then(Backend::named).unwrap_or(Backend::Auto);
        let mode = options.preprocess.as_deref().and_then(Preprocess::named);
        let kept = self.runner.take().filter(|(kept, _)| *kept == backend);
        let (mut runner, [read, upload]) = match kept {
            Some((_, runner)) => (runner, [0.0; 2]),
            None => self.open(backend, &on_event).await?,
        };
        let bytes = picture.to_vec();
        let input = Input::of_bytes(&bytes, Preparation { mode, ..Preparation::default() });
        let predicted = runner.predict(input, options.top.unwrap_or(5), &now, &mut watch(&on_event)).await;
        self.runner.replace(Some((backend, runner)));
        let mut report = predicted.map_err(told)?;
        (report.millis.read, report.millis.upload) = (read, upload);
        if let Some(adapter) = &mut report.adapter
            && adapter.name.is_empty()
        {
            adapter.name = adapter_name().await.unwrap_or_default();
        }
        Ok(report.json())
    }

    /// The model on its executor, with the milliseconds for planning and for uploading.
    async fn open(&self, backend: Backend, on_event: &Function) -> Result<(Runner, [f64; 2]), JsValue> {
        let start = now();
        tell(on_event, "read", 0.0, 1.0);
        let bytes = self.model.prepare()?;
        let prepared = Prepared::of_bytes(&bytes, Box::new(self.model.clone())).map_err(told)?;
        let read = now() - start;
        let runner = Runner::new(prepared, backend, &mut watch(on_event)).await.map_err(told)?;
        Ok((runner, [read, now() - start - read]))
    }
}

/// Hands on how far an executor is.
fn watch(on_event: &Function) -> impl FnMut(Progress<'_>) -> bool {
    |progress| {
        let stage = match progress.stage {
            Stage::Upload => "upload",
            Stage::Run => "run",
        };
        tell(on_event, stage, progress.done as f64, progress.total as f64);
        true
    }
}

/// Milliseconds on the browser's clock.
fn now() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into());
    let now = performance
        .as_ref()
        .ok()
        .and_then(|p| Reflect::get(p, &"now".into()).ok()?.dyn_into::<Function>().ok());
    match (now, performance) {
        (Some(now), Ok(performance)) => now.call0(&performance).ok().and_then(|t| t.as_f64()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// Vendor and architecture of the adapter, which wgpu does not pass on.
async fn adapter_name() -> Option<String> {
    let get =
        |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok().filter(|v| !v.is_undefined());
    let gpu = get(&get(&js_sys::global(), "navigator")?, "gpu")?;
    let request: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
    let promise: Promise = request.call0(&gpu).ok()?.dyn_into().ok()?;
    let info = get(&JsFuture::from(promise).await.ok()?, "info")?;
    let text = |name: &str| get(&info, name)?.as_string().filter(|text| !text.is_empty());
    let parts = [text("vendor"), text("architecture"), text("description")];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

impl ParamSource for Model {
    fn read(&mut self, id: ParamId, _param: &Param) -> Result<Vec<f32>, String> {
        self.param(id).map_err(|thrown| {
            // After a trap nothing the other module says can be trusted, so this one must not go on either.
            if thrown.has_type::<WebAssembly::RuntimeError>() {
                wasm_bindgen::throw_val(thrown);
            }
            let message =
                Reflect::get(&thrown, &"message".into()).ok().and_then(|message| message.as_string());
            message.unwrap_or_default()
        })
    }
}
