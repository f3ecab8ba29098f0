//! The door to JavaScript: a session over a `File`, in a worker.
//!
//! Reports and events cross as JSON text. What goes wrong is thrown as a plain `Error` with words for a person.

use std::cell::RefCell;
use std::sync::Arc;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileReaderSync};

use crate::exec::Progress;
use crate::image::{Preparation, Preprocess};
use crate::loaders::{RUNTIMES, Runtime};
use crate::repair::Refusal;
use crate::report::{PastedError, Seen, sentence};
use crate::session::{self, Backend, Event, Input, RunError, Runner};
use crate::source::{ByteSource, ReadError, check_range};

/// Bytes of a page of linear memory, by the WebAssembly specification.
const WASM_PAGE_BYTES: usize = 65_536;

/// Property of the worker's global object that says where the module panicked.
const PANICKED_AT: &str = "resnetVerifierPanickedAt";

/// Lets a crash report say where in our code it happened: a trap alone says "unreachable". The panic's own words stay out
/// of it, as they may quote the file.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = Reflect::set(&js_sys::global(), &PANICKED_AT.into(), &place.into());
    }));
}

/// Version of this package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_string()
}

/// The runtimes that a file can be repaired for, as JSON: a list of `{"id", "name"}`.
#[wasm_bindgen]
pub fn runtimes() -> String {
    let rows = RUNTIMES.iter().map(|runtime| json!({"id": runtime.id, "name": runtime.name}));
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Bytes of the module's linear memory. It never shrinks, so this is also the most it has been.
#[wasm_bindgen]
pub fn heap_bytes() -> f64 {
    (core::arch::wasm32::memory_size::<0>() * WASM_PAGE_BYTES) as f64
}

/// Explains the text of an error. `loads` is the JSON of a report's `loads`, for whether it is true of that file, or empty.
/// Gives JSON.
#[wasm_bindgen]
pub fn explain_error(text: &str, loads: &str) -> String {
    let seen: Option<Vec<Seen>> = serde_json::from_str(loads).ok();
    PastedError::new(text, seen.as_deref()).json()
}

/// One file under verification.
#[wasm_bindgen]
pub struct Session {
    name: String,
    source: Arc<dyn ByteSource>,
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
impl Session {
    /// A session over a file, of which nothing is read yet. Only in a worker: a page can't read synchronously.
    ///
    /// # Errors
    /// When there is no `FileReaderSync`.
    #[wasm_bindgen(constructor)]
    pub fn new(file: File) -> Result<Session, JsError> {
        let name = file.name();
        Ok(Session { name, source: Arc::new(JsFile::new(file)?), runner: RefCell::new(None) })
    }

    /// Checks the file; `on_event` hears progress and partial reports as JSON. Gives the final report as JSON.
    pub fn check(&self, on_event: &Function) -> String {
        let report = session::check(&self.name, self.source.clone(), &mut |event| match event {
            Event::Progress { stage, done, total } => tell(on_event, stage.word(), done as f64, total as f64),
            Event::Known(known) => {
                send(on_event, &format!("{{\"type\":\"report\",\"report\":{}}}", known.report().json()))
            }
        });
        report.json()
    }

    /// Puts another file beside this one: a model and weights for it, in either order. Gives JSON.
    ///
    /// # Errors
    /// When the two are no pair; in words.
    pub fn pair(&self, other: File) -> Result<String, JsError> {
        let name = other.name();
        let other: Arc<dyn ByteSource> = Arc::new(JsFile::new(other)?);
        let pair = session::pair((&self.name, self.source.clone()), (&name, other));
        Ok(serde_json::to_string(&pair.map_err(|reason| JsError::new(&sentence(&reason)))?)?)
    }

    /// Repairs the file for the runtime of that id. Gives an object: `text`, what changes in words, and `edits`, a list of
    /// `[offset, bytes]` in the order of the file, from which and from the file the page puts the copy together.
    ///
    /// # Errors
    /// When there is no such runtime or no repair; in words.
    pub fn repair(&self, runtime: &str) -> Result<JsValue, JsError> {
        let runtime = Runtime::of(runtime).ok_or_else(|| JsError::new("There is no such runtime."))?;
        let refused = |refusal: Refusal| JsError::new(&sentence(&refusal.to_string()));
        let repaired = session::repair(&self.name, self.source.clone(), runtime).map_err(refused)?.repair;
        let edits = js_sys::Array::new();
        for edit in &repaired.edits {
            let bytes = Uint8Array::from(edit.bytes.as_slice());
            edits.push(&js_sys::Array::of2(&(edit.offset as f64).into(), &bytes));
        }
        let answer = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&answer, &name.into(), value);
        set("text", &repaired.text().into())
            .and_then(|_| set("edits", &edits))
            .map_err(|_| JsError::new("no memory"))?;
        Ok(answer.into())
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
    ) -> Result<String, JsError> {
        let options: Options = serde_json::from_str(&options)?;
        let backend = options.backend.as_deref().and_then(Backend::named).unwrap_or(Backend::Auto);
        let preprocess = options.preprocess.as_deref().and_then(Preprocess::named);
        let mut watch = |progress: Progress<'_>| {
            let stage = match progress.stage {
                crate::exec::Stage::Upload => "upload",
                crate::exec::Stage::Run => "run",
            };
            tell(&on_event, stage, progress.done as f64, progress.total as f64);
            true
        };
        let kept = self.runner.take().filter(|(kept, _)| *kept == backend);
        let (mut read, mut upload) = (0.0, 0.0);
        let runner = match kept {
            Some((_, runner)) => runner,
            None => {
                let start = now();
                tell(&on_event, "read", 0.0, 1.0);
                let prepared = session::prepare(self.source.clone(), 1, None).map_err(told)?;
                read = now() - start;
                let runner = Runner::new(prepared, backend, &mut watch).await.map_err(told)?;
                upload = now() - start - read;
                runner
            }
        };
        let bytes = picture.to_vec();
        let input = Input::of_bytes(&bytes, Preparation { mode: preprocess, ..Preparation::default() });
        let predicted = runner.predict(input, options.top.unwrap_or(5), &now, &mut watch).await;
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
}

/// The error in words that stand alone on the page.
fn told(error: RunError) -> JsError {
    JsError::new(&sentence(&error.to_string()))
}

fn tell(on_event: &Function, stage: &str, done: f64, total: f64) {
    send(on_event, &json!({"type": "progress", "stage": stage, "done": done, "total": total}).to_string());
}

/// A listener that throws must not stop the work.
fn send(on_event: &Function, json: &str) {
    let _ = on_event.call1(&JsValue::NULL, &JsValue::from_str(json));
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

/// A dropped file, read by range.
struct JsFile {
    file: SendWrapper<File>,
    reader: SendWrapper<FileReaderSync>,
    length: u64,
}

impl JsFile {
    fn new(file: File) -> Result<JsFile, JsError> {
        let reader = FileReaderSync::new().map_err(|_| JsError::new("A session works only in a worker."))?;
        let length = file.size() as u64;
        Ok(JsFile { file: SendWrapper::new(file), reader: SendWrapper::new(reader), length })
    }
}

impl ByteSource for JsFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        check_range(offset, buffer.len(), self.length)?;
        let end = offset + buffer.len() as u64;
        let refused =
            |_| ReadError::System("the browser could not read it; it may have been moved or changed".into());
        let blob = self.file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(refused)?;
        let bytes =
            Uint8Array::new(&JsValue::from(self.reader.read_as_array_buffer(&blob).map_err(refused)?));
        if bytes.length() as usize != buffer.len() {
            return Err(ReadError::System("the browser gave fewer bytes than the file has".into()));
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}
