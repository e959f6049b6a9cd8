//! Arrays of samples that models take and give.

use std::path::Path;

use ae_data::Half;
use ae_data::npy::{Numbers, Values, read_numbers};
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

/// The inputs that `--calibrate` names: an array, or images, whose pixels are 0 to 1.
pub(super) fn inputs(spec: &str) -> anyhow::Result<Numbers> {
    if is_array(Path::new(spec)) {
        return read(Path::new(spec));
    }
    let (images, origin) = ae_data::load_half(Some(spec), Half::Train)?;
    super::files::tell_origin(&origin, images.len(), "training");
    let values = images.pixels().iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    Ok(Numbers {
        samples: images.len(),
        shape: vec![images.height(), images.width()],
        values: Values::F32(values),
    })
}
