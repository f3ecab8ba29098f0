//! Why a plan could not be run.

/// Why a plan could not be run, in words for the user; names the layer or parameter where there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecError {
    /// The numbers of a parameter cannot be had.
    #[error("parameter {param}: {reason}")]
    Param {
        /// Name of the parameter in the plan.
        param: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The caller gave another number of tensors than the model has inputs.
    #[error("the model has {expected} input(s), {found} given")]
    InputCount {
        /// Inputs of the model.
        expected: usize,
        /// Tensors given.
        found: usize,
    },
    /// A tensor does not fit the input it is for.
    #[error("input {name}: expected {expected} numbers, found {found}")]
    InputLength {
        /// Layer that the model names for the input.
        name: String,
        /// Elements the plan asks for.
        expected: usize,
        /// Elements given.
        found: usize,
    },
    /// The plan contradicts itself: a fault of this program, not of the model.
    #[error("layer {layer}: the plan is inconsistent: {reason}")]
    Plan {
        /// The layers of the step, or the input or output.
        layer: String,
        /// The contradiction.
        reason: String,
    },
    /// The device offers less than one tensor or launch needs.
    #[error("{name}: needs {needed} {unit}, the adapter offers {offered} {unit} ({limit})")]
    TooLarge {
        /// Layer or parameter that needs it.
        name: String,
        /// WebGPU's name of the limit.
        limit: &'static str,
        /// `bytes` or `workgroups`.
        unit: &'static str,
        /// What it needs.
        needed: u64,
        /// What the adapter offers.
        offered: u64,
    },
    /// There is no WebGPU adapter, or it gives no device.
    #[error("no WebGPU device: {reason}")]
    NoDevice {
        /// What WebGPU said.
        reason: String,
    },
    /// The device's memory does not hold the model.
    #[error(
        "the adapter ran out of memory: the model needs {weights} bytes for weights and {activations} bytes for activations"
    )]
    OutOfMemory {
        /// Bytes of all parameters.
        weights: u64,
        /// Bytes of all activation buffers.
        activations: u64,
    },
    /// WebGPU refused a command.
    #[error("WebGPU refused {what}: {reason}")]
    Refused {
        /// What it refused: a shader, the run.
        what: String,
        /// What WebGPU said.
        reason: String,
    },
    /// The device went away: driver crash, time-out, unplugged or put to sleep.
    #[error("the WebGPU device was lost: {reason}")]
    DeviceLost {
        /// What WebGPU said.
        reason: String,
    },
    /// The [`Watch`](super::Watch) asked to stop.
    #[error("cancelled")]
    Cancelled,
}
