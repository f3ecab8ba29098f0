//! Errors that WebGPU reports beside the call that causes them.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exec::ExecError;

/// The three error scopes around a group of commands.
pub struct Scopes([wgpu::ErrorScopeGuard; 3]);

impl Scopes {
    /// Opens the scopes.
    pub fn push(device: &wgpu::Device) -> Scopes {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        Scopes([Validation, Internal, OutOfMemory].map(|filter| device.push_error_scope(filter)))
    }

    /// Closes the scopes now. The future gives the first error of the commands since the push, the lack of memory before
    /// all others; until it is awaited, other scopes may be opened and closed.
    pub fn pop(self) -> impl Future<Output = Option<wgpu::Error>> + 'static {
        let [validation, internal, memory] = self.0;
        let (memory, internal, validation) = (memory.pop(), internal.pop(), validation.pop());
        async move {
            let (memory, internal, validation) = (memory.await, internal.await, validation.await);
            memory.or(internal).or(validation)
        }
    }
}

/// What went wrong on the device outside any error scope; the first of each kind.
#[derive(Clone, Default)]
pub struct Trouble {
    lost: Arc<Mutex<Option<String>>>,
    refused: Arc<Mutex<Option<String>>>,
}

impl Trouble {
    /// Notes from now on what goes wrong on `device`.
    pub fn watch(device: &wgpu::Device) -> Trouble {
        let trouble = Trouble::default();
        let (lost, refused) = (trouble.lost.clone(), trouble.refused.clone());
        device.set_device_lost_callback(move |reason, message| {
            keep_first(&lost, format!("{message} ({reason:?})"));
        });
        device
            .on_uncaptured_error(Arc::new(move |error: wgpu::Error| keep_first(&refused, error.to_string())));
        trouble
    }

    /// An error if the device is lost, or has refused a command since the last check.
    pub fn check(&self, what: &str) -> Result<(), ExecError> {
        if let Some(reason) = locked(&self.lost).clone() {
            return Err(ExecError::DeviceLost { reason });
        }
        match locked(&self.refused).take() {
            Some(reason) => Err(ExecError::Refused { what: what.to_owned(), reason }),
            None => Ok(()),
        }
    }

    /// The error for `what`: the cause noted before it if there is one, else `error` itself.
    pub fn explain(&self, what: &str, error: &dyn std::fmt::Display) -> ExecError {
        let refused = ExecError::Refused { what: what.to_owned(), reason: error.to_string() };
        self.check(what).err().unwrap_or(refused)
    }
}

fn keep_first(slot: &Mutex<Option<String>>, message: String) {
    locked(slot).get_or_insert(message);
}

fn locked<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
