//! A safetensors file.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::state::Entry;
use crate::tensor::{Tensor, Width};
use crate::{ImportError, SourceFormat};

const FORMAT: SourceFormat = SourceFormat::Safetensors;

/// Most bytes of the header, which as JSON takes many times as much memory.
const MOST_HEADER: u64 = 1 << 20;

/// The length of the header, of what begins like a safetensors file.
pub(super) fn header(bytes: &[u8]) -> Option<u64> {
    let (len, rest) = bytes.split_first_chunk::<8>()?;
    let len = u64::from_le_bytes(*len);
    // The format's own limit.
    (rest.first() == Some(&b'{') && len <= 100_000_000).then_some(len)
}

/// The tensors of a file.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>, ImportError> {
    let damaged = |reason: String| ImportError::malformed(FORMAT, "the header", reason);
    let len = header(bytes).unwrap_or_default();
    if len > MOST_HEADER {
        return Err(damaged(format!("it has {len} bytes; at most {MOST_HEADER} were expected")));
    }
    let (_, metadata) =
        SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
    if metadata.metadata().as_ref().is_some_and(|metadata| metadata.contains_key("config")) {
        return Err(ImportError::unfit(
            "the weights are of a run of this project",
            "quantise the run itself: give its folder",
        ));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(error.to_string()))?;
    file.iter().map(|(name, view)| entry(name, &view)).collect()
}

fn entry<'a>(name: &str, view: &TensorView<'a>) -> Result<Entry<'a>, ImportError> {
    let width = match view.dtype() {
        Dtype::F16 => Width::F16,
        Dtype::BF16 => Width::Bf16,
        Dtype::F32 => Width::F32,
        Dtype::F64 => Width::F64,
        other => return Ok(Entry::of_others(name, view.shape().to_vec(), &other.to_string())),
    };
    let tensor = Tensor::new(view.shape().to_vec(), width, view.data());
    let none = || {
        let reason = format!("it has no numbers; its shape is {:?}", view.shape());
        ImportError::malformed(FORMAT, format!("tensor `{name}`"), reason)
    };
    tensor.map(|tensor| Entry::of_reals(name, tensor)).ok_or_else(none)
}
