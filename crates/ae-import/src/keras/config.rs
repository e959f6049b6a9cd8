//! A layer as the configuration has it.

use serde_json::{Map, Value};

use crate::{ImportError, Operation, Operator, SourceFormat};

/// Where a layer's numbers are.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The layer, and the models that it is in, from the outermost: names that the model gave.
    pub(super) names: Vec<String>,
    /// The same as Keras 3 numbers them: the class in snake case, and how many before it were of
    /// that class.
    pub(super) numbered: Vec<String>,
}

/// A layer.
#[derive(Clone, Debug)]
pub(super) struct Layer<'a> {
    /// Its number among the layers of the file.
    pub(super) index: usize,
    /// Its class, such as `Dense`.
    pub(super) class: String,
    /// Where its numbers are.
    pub(super) place: Place,
    /// The format that errors speak of.
    pub(super) format: SourceFormat,
    config: &'a Map<String, Value>,
}

impl<'a> Layer<'a> {
    pub(super) fn new(
        index: usize,
        class: &str,
        place: Place,
        format: SourceFormat,
        config: &'a Map<String, Value>,
    ) -> Self {
        Self { index, class: class.to_owned(), place, format, config }
    }

    /// Its name, behind those of the models that it is in.
    pub(super) fn name(&self) -> String {
        self.place.names.join("/")
    }

    /// An operator that stands for it.
    pub(super) fn operator(&self, operation: Operation) -> Operator {
        self.part("", &self.class, operation)
    }

    /// An operator that stands for a part of it.
    pub(super) fn part(&self, ending: &str, kind: &str, operation: Operation) -> Operator {
        let name = format!("{}{ending}", self.name());
        Operator { name, kind: kind.to_owned(), operation, codes: None }
    }

    /// That it is not understood, and what to do.
    pub(super) fn refuse(&self, reason: impl Into<String>, mend: impl Into<String>) -> ImportError {
        ImportError::Operator {
            index: self.index,
            name: self.name(),
            kind: self.class.clone(),
            reason: reason.into(),
            mend: mend.into(),
        }
    }

    /// That its own configuration or its numbers are damaged.
    pub(super) fn damaged(&self, reason: impl Into<String>) -> ImportError {
        ImportError::malformed(self.format, format!("layer `{}`", self.name()), reason)
    }

    fn expected(&self, key: &str, expected: &str) -> ImportError {
        let found = match self.config.get(key) {
            Some(found) => shortened(found),
            None => "missing".to_owned(),
        };
        self.damaged(format!("its `{key}` is {found} instead of {expected}"))
    }

    /// What it says of `key`, if it says anything.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.config.get(key).filter(|value| !value.is_null())
    }

    /// A whole number.
    pub(super) fn count(&self, key: &str, absent: usize) -> Result<usize, ImportError> {
        let Some(value) = self.get(key) else { return Ok(absent) };
        size(value).ok_or_else(|| self.expected(key, "a whole number"))
    }

    /// A number.
    pub(super) fn real(&self, key: &str, absent: f64) -> Result<f64, ImportError> {
        let Some(value) = self.get(key) else { return Ok(absent) };
        value.as_f64().ok_or_else(|| self.expected(key, "a number"))
    }

    /// True or false.
    pub(super) fn flag(&self, key: &str, absent: bool) -> Result<bool, ImportError> {
        let Some(value) = self.get(key) else { return Ok(absent) };
        value.as_bool().ok_or_else(|| self.expected(key, "true or false"))
    }

    /// A word.
    pub(super) fn word(&self, key: &str, absent: &'a str) -> Result<&'a str, ImportError> {
        let Some(value) = self.get(key) else { return Ok(absent) };
        value.as_str().ok_or_else(|| self.expected(key, "a word"))
    }

    /// A number for the height and one for the width, where the layer works in so many dimensions.
    /// In one dimension the height's is `none`, the one that changes nothing, and the least.
    pub(super) fn pair(
        &self,
        key: &str,
        dimensions: usize,
        none: usize,
    ) -> Result<Option<[usize; 2]>, ImportError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = |value: &Value| size(value).filter(|&number| number >= none);
        let numbers: Option<Vec<usize>> = match value {
            Value::Array(values) => values.iter().map(number).collect(),
            value => number(value).map(|number| vec![number; dimensions]),
        };
        match (dimensions, numbers.as_deref()) {
            (1, Some(&[width])) => Ok(Some([none, width])),
            (2, Some(&[height, width])) => Ok(Some([height, width])),
            (1, _) => Err(self.expected(key, &format!("a whole number from {none} on"))),
            _ => Err(self.expected(key, &format!("{dimensions} whole numbers from {none} on"))),
        }
    }
}

/// A whole number. Python writes one that it computed as a real number, too.
pub(super) fn size(value: &Value) -> Option<usize> {
    let whole = |real: f64| {
        let is_whole = real.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&real);
        is_whole.then_some(real as usize)
    };
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    number.or_else(|| value.as_f64().and_then(whole))
}

/// A value's beginning.
pub(super) fn shortened(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
