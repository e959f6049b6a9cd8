//! Files of tensors, whole as they are written or changed in what they hold.

use std::collections::{BTreeMap, HashMap};

use ae_fuzz::source::Source;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::text;

/// A file taken apart.
pub struct File {
    metadata: HashMap<String, String>,
    tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
}

impl File {
    /// Takes a valid file apart.
    ///
    /// # Panics
    /// If the bytes are not a valid file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let (_, header) = SafeTensors::read_metadata(bytes).expect("a file of tensors");
        let file = SafeTensors::deserialize(bytes).expect("a file of tensors");
        let tensors = file.tensors().into_iter().map(|(name, view)| {
            (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec()))
        });
        let mut metadata = header.metadata().clone().unwrap_or_default();
        metadata.values_mut().for_each(|text| *text = without_digest(text));
        Self { metadata, tensors: tensors.collect() }
    }

    /// The file that `input` stands for: a whole one of which tensors, numbers in the metadata, or
    /// names are changed. Lengths are right again.
    #[must_use]
    pub fn changed(&self, input: &mut Source<'_>) -> Vec<u8> {
        let (mut metadata, mut tensors) = (self.metadata.clone(), self.tensors.clone());
        for _ in 0..4 {
            if input.is_empty() {
                break;
            }
            let kind = input.byte();
            if kind.is_multiple_of(2) {
                for text in metadata.values_mut() {
                    *text = text::with_number(text, input);
                }
                continue;
            }
            let names: Vec<String> = tensors.keys().cloned().collect();
            let Some(name) = names.get(input.below(names.len().max(1))) else { continue };
            let Some((dtype, shape, mut data)) = tensors.remove(name) else { continue };
            let (place, value) = (usize::from(input.u16()), input.u32());
            let len = data.len();
            let changed = match kind / 2 % 8 {
                0 => continue,
                1 => (Dtype::F64, shape.clone(), data),
                2 => (dtype, vec![len / dtype_bytes(dtype)], data),
                3 => {
                    data.resize(len + dtype_bytes(dtype), 0);
                    (dtype, vec![data.len() / dtype_bytes(dtype)], data)
                }
                4 => {
                    tensors.insert(format!("{name}{place}"), (dtype, shape, data));
                    continue;
                }
                5 => (dtype, shape.into_iter().rev().collect(), data),
                _ if len >= 4 => {
                    let at = place % (len / 4) * 4;
                    data[at..at + 4].copy_from_slice(&value.to_le_bytes());
                    (dtype, shape, data)
                }
                _ => (dtype, shape, data),
            };
            tensors.insert(name.clone(), changed);
        }
        let views = tensors.iter().filter_map(|(name, (dtype, shape, data))| {
            Some((name, TensorView::new(*dtype, shape.clone(), data).ok()?))
        });
        safetensors::serialize(views, Some(metadata)).expect("tensors that fit their shapes")
    }
}

/// TOML or JSON without the digest of the file, so that changes are not refused for that alone;
/// files of older programs have none either.
fn without_digest(text: &str) -> String {
    const DIGITS: usize = 64;
    let Some((before, behind)) = text.split_once(",\"sha256\":\"") else {
        let lines = text.lines().filter(|line| !line.starts_with("sha256"));
        return lines.collect::<Vec<_>>().join("\n");
    };
    [before, behind.get(DIGITS + 1..).unwrap_or_default()].concat()
}

fn dtype_bytes(dtype: Dtype) -> usize {
    if dtype == Dtype::F64 { 8 } else { 4 }
}
