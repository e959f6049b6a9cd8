//! Arrays of samples that models take and give.

use std::path::Path;

use ae_data::Half;
use ae_data::npy::{Numbers, Values, read_numbers};
use ae_data::signal::NamedArrays;
use ae_files::read_file;
use anyhow::Context;

/// Most bytes of an array.
const MOST_BYTES: u64 = 4 << 30;

/// The numbers of an NPY file.
pub(super) fn read(path: &Path) -> anyhow::Result<Numbers> {
    let name = path.display();
    let bytes = read_file(path, MOST_BYTES).with_context(|| format!("cannot read {name}"))?;
    read_numbers(&bytes).with_context(|| name.to_string())
}

/// Whether an option names an NPY file.
pub(super) fn is_array(spec: &Path) -> bool {
    spec.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy"))
}

/// Whether an option names several arrays: an NPZ file or a folder.
pub(super) fn are_named(spec: &Path) -> bool {
    spec.is_dir() || spec.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npz"))
}

/// The arrays in an NPZ file or a folder.
pub(super) fn open_named(path: &Path) -> anyhow::Result<NamedArrays> {
    NamedArrays::open(path).with_context(|| format!("cannot read {}", path.display()))
}

/// One of them.
pub(super) fn read_named(arrays: &NamedArrays, path: &Path, name: &str) -> anyhow::Result<Numbers> {
    arrays.read(name, MOST_BYTES).with_context(|| path.display().to_string())
}

/// Images as inputs, whose pixels are 0 to 1.
pub(super) fn images(spec: &str) -> anyhow::Result<Numbers> {
    let (images, origin) = ae_data::load_half(Some(spec), Half::Train)?;
    super::files::tell_origin(&origin, images.len(), "training");
    let values = images.pixels().iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    Ok(Numbers {
        samples: images.len(),
        shape: vec![images.height(), images.width()],
        values: Values::F32(values),
    })
}
