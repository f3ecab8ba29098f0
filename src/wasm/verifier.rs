//! The verifier's door: a session over a `File`, in a worker.

use std::cell::RefCell;
use std::sync::Arc;

use js_sys::{Function, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::{File, FileReaderSync};

use super::{send, tell, told};
use crate::loaders::{RUNTIMES, Runtime};
use crate::repair::Refusal;
use crate::report::{PastedError, Seen, sentence};
use crate::session::{self, Event, Prepared};
use crate::source::{ByteSource, Part, ReadError, check_range};

/// The runtimes that a file can be repaired for, as JSON: a list of `{"id", "name"}`.
#[wasm_bindgen]
pub fn runtimes() -> String {
    let rows = RUNTIMES.iter().map(|runtime| json!({"id": runtime.id, "name": runtime.name}));
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Explains the text of an error. `loads` is the JSON of a report's `loads`, for whether it is true of that file, or empty.
/// Gives JSON.
#[wasm_bindgen]
pub fn explain_error(text: &str, loads: &str) -> String {
    let seen: Option<Vec<Seen>> = serde_json::from_str(loads).ok();
    PastedError::new(text, seen.as_deref()).json()
}

/// A part of a copy as JavaScript puts it together: bytes, or the first and the last offset of those of the file.
fn shown(part: &Part) -> Result<JsValue, ReadError> {
    Ok(match part {
        Part::New(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Part::Kept { offset, length } => {
            js_sys::Array::of2(&(*offset as f64).into(), &((*offset + *length) as f64).into()).into()
        }
        Part::Made { make, .. } => Uint8Array::from(make.make()?.as_slice()).into(),
    })
}

/// One file under verification.
#[wasm_bindgen]
pub struct Session {
    name: String,
    source: Arc<dyn ByteSource>,
    /// The network as an engine has it, with the way to its weights.
    prepared: RefCell<Option<Prepared>>,
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
        Ok(Session { name, source: Arc::new(JsFile::new(file)?), prepared: RefCell::new(None) })
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

    /// Repairs the file for the runtime of that id. Gives an object: `text`, what changes in words, `name`, and `parts`, a list of bytes
    /// and of `[first, last]` offsets in the file, from which the page puts the copy together.
    ///
    /// # Errors
    /// When there is no such runtime or no repair; in words.
    pub fn repair(&self, runtime: &str) -> Result<JsValue, JsError> {
        let runtime = Runtime::of(runtime).ok_or_else(|| JsError::new("There is no such runtime."))?;
        let refused = |refusal: Refusal| JsError::new(&sentence(&refusal.to_string()));
        let repaired = session::repair(&self.name, self.source.clone(), runtime).map_err(refused)?;
        let parts = js_sys::Array::new();
        for part in repaired.copy.parts() {
            parts.push(&shown(part).map_err(|error| JsError::new(&error.to_string()))?);
        }
        let answer = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&answer, &name.into(), value);
        set("text", &repaired.repair.text().into())
            .and_then(|_| set("name", &repaired.name.into()))
            .and_then(|_| set("parts", &parts))
            .map_err(|_| JsError::new("no memory"))?;
        Ok(answer.into())
    }

    /// Plans the network, for an engine: gives what [`Prepared::bytes`] gives, and from now on [`Session::param`].
    ///
    /// # Errors
    /// When the file can't be run; in words.
    pub fn prepare(&self) -> Result<Vec<u8>, JsError> {
        let prepared = session::prepare(self.source.clone(), 1, None).map_err(told)?;
        let bytes = prepared.bytes().map_err(told)?;
        self.prepared.replace(Some(prepared));
        Ok(bytes)
    }

    /// The numbers of a parameter of the plan, row-major.
    ///
    /// # Errors
    /// When there is no such parameter, or its weights can't be read; in words.
    pub fn param(&self, id: usize) -> Result<Vec<f32>, JsError> {
        match &mut *self.prepared.borrow_mut() {
            Some(prepared) => prepared.param(id).map_err(|reason| JsError::new(&reason)),
            None => Err(JsError::new("the network has not been planned")),
        }
    }
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
