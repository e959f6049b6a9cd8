//! Weights of PyTorch: state dicts, and safetensors files with their names.

mod chain;
mod checkpoint;
mod layer;
mod machine;
mod pickle;
mod state;
mod stored;

use crate::archive::Archive;
use crate::tensor::Budget;
use crate::{ImportError, ReadOptions, SourceFormat, SourceModel};

/// How the number begins that is the first object of files before PyTorch 1.6.
const LEGACY: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Whether the file begins like a safetensors file.
pub(crate) fn is_safetensors(bytes: &[u8]) -> bool {
    stored::header(bytes).is_some()
}

/// Reads a safetensors file. Its names tell the order, for it is sorted otherwise.
pub(crate) fn read_safetensors(
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<SourceModel, ImportError> {
    let mut modules = state::modules(stored::entries(bytes)?);
    state::sort(&mut modules);
    chain::model(&modules, options, SourceFormat::Safetensors, &Budget::of(bytes))
}

/// Whether the archive is one of PyTorch.
pub(crate) fn is_archive(archive: &Archive<'_>) -> bool {
    checkpoint::pickle_of(archive).is_some()
}

/// Reads a state dict that PyTorch's `save` wrote, from all of its bytes and the archive in them.
pub(crate) fn read_archive(
    bytes: &[u8],
    archive: &Archive<'_>,
    options: &ReadOptions,
) -> Result<SourceModel, ImportError> {
    let is_script = |name: &str| name.ends_with("/constants.pkl") || name.contains("/code/");
    if archive.names().any(is_script) {
        return Err(ImportError::unfit(
            "the file is a TorchScript program",
            "write its weights in Python: `model = torch.jit.load(\"model.pt\")`, then \
             `torch.save(model.state_dict(), \"weights.pt\")`",
        ));
    }
    let pickle = checkpoint::pickle_of(archive).unwrap_or_default();
    let modules = state::modules(checkpoint::entries(archive, pickle)?);
    chain::model(&modules, options, SourceFormat::PyTorch, &Budget::of(bytes))
}

/// What a pickle without an archive around it is. None is read.
pub(crate) fn refuse_pickle(bytes: &[u8]) -> Option<ImportError> {
    let protocol = bytes.strip_prefix(b"\x80")?;
    let (_, rest) = protocol.split_first().filter(|(protocol, _)| (2..=5).contains(*protocol))?;
    Some(if rest.starts_with(LEGACY) {
        ImportError::unfit(
            "the file is of PyTorch's format before version 1.6",
            "write it again in Python: `state = torch.load(\"model.pt\", weights_only=False)`, then \
             `torch.save(state, \"weights.pt\")`, or `state.state_dict()` where it is a module",
        )
    } else {
        ImportError::unfit(
            "the file is a Python pickle, and not one of PyTorch",
            "a pickle is a program and is not run; save the model in a format of its own",
        )
    })
}
