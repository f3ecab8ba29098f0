//! The doors to JavaScript, one per module: each is built with its own feature, and what a door does not lead to is not
//! part of its module.
//!
//! Reports and events cross as JSON text. What goes wrong is thrown as a plain `Error` with words for a person.

#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "verifier")]
mod verifier;

use js_sys::{Function, Reflect};
use serde_json::json;
use wasm_bindgen::prelude::*;

use crate::report::sentence;
use crate::session::RunError;

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

/// Bytes of the module's linear memory. It never shrinks, so this is also the most it has been.
#[wasm_bindgen]
pub fn heap_bytes() -> f64 {
    (core::arch::wasm32::memory_size::<0>() * WASM_PAGE_BYTES) as f64
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
