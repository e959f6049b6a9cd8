//! The modules of a state dict.

use std::collections::BTreeMap;

use crate::tensor::Tensor;

/// A tensor and its name.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    /// Its numbers, or what they are if they are no real numbers.
    pub(super) numbers: Result<Tensor<'a>, String>,
}

impl<'a> Entry<'a> {
    pub(super) fn of_reals(name: &str, tensor: Tensor<'a>) -> Self {
        Self { name: name.to_owned(), shape: tensor.shape().to_vec(), numbers: Ok(tensor) }
    }

    pub(super) fn of_others(name: &str, shape: Vec<usize>, kind: &str) -> Self {
        Self { name: name.to_owned(), shape, numbers: Err(kind.to_owned()) }
    }

    /// The module that it belongs to, and what it is there.
    fn parts(&self) -> (&str, &str) {
        self.name.rsplit_once('.').unwrap_or(("", &self.name))
    }
}

/// A module with tensors of its own.
#[derive(Clone, Debug)]
pub(super) struct Module<'a> {
    pub(super) name: String,
    /// Its tensors, each by what it is there.
    pub(super) entries: Vec<(String, Entry<'a>)>,
}

impl<'a> Module<'a> {
    /// The tensor that is this there.
    pub(super) fn entry(&self, part: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|(name, _)| name == part).map(|(_, entry)| entry)
    }
}

/// The modules of these tensors, each where its first one stands.
pub(super) fn modules(entries: Vec<Entry<'_>>) -> Vec<Module<'_>> {
    let mut modules: Vec<Module<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for entry in entries {
        let (module, part) = entry.parts();
        // How many batches a normalisation has seen.
        if part == "num_batches_tracked" {
            continue;
        }
        let (module, part) = (module.to_owned(), part.to_owned());
        let place = *places.entry(module.clone()).or_insert(modules.len());
        match modules.get_mut(place) {
            Some(known) => known.entries.push((part, entry)),
            None => modules.push(Module { name: module, entries: vec![(part, entry)] }),
        }
    }
    modules
}

/// Sorts modules by their names: numbers as numbers, the encoder first, the decoder last.
pub(super) fn sort(modules: &mut [Module<'_>]) {
    modules.sort_by_cached_key(|module| module.name.split('.').map(rank).collect::<Vec<_>>());
}

/// Where a part of a name stands: by its side of the model, then word by word.
fn rank(part: &str) -> (u8, Vec<Word>) {
    let side = match part.to_ascii_lowercase() {
        part if part.starts_with("enc") => 0,
        part if part.starts_with("dec") => 2,
        _ => 1,
    };
    let mut words: Vec<Word> = Vec::new();
    for letter in part.chars() {
        match (letter.to_digit(10), words.last_mut()) {
            (Some(digit), Some(Word::Number(number))) => {
                *number = number.saturating_mul(10).saturating_add(digit.into());
            }
            (Some(digit), _) => words.push(Word::Number(digit.into())),
            (None, Some(Word::Letters(letters))) => letters.push(letter),
            (None, _) => words.push(Word::Letters(letter.to_string())),
        }
    }
    (side, words)
}

/// A part of a name that is compared at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Number(u64),
    Letters(String),
}
