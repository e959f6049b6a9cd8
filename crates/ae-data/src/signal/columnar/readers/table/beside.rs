//! Columns that say something of samples.

use std::collections::HashMap;

use crate::signal::budget::{BYTES_PER_RECORDING, Budget};
use crate::signal::file_error::FileError;
use crate::signal::moments::Moments;
use crate::signal::reading::Reading;
use crate::signal::time::Orders;
use crate::signal::time_unit::TimeUnit;

/// Bytes for each entry, while the list of them grows.
pub(super) const ENTRY_BYTES: u64 = 12;

/// An entry where nothing stands.
const NOTHING: u32 = u32::MAX;

/// The column of times.
pub(super) struct Times {
    pub(super) column: usize,
    pub(super) orders: Orders,
    pub(super) moments: Moments,
    pub(super) count: usize,
}

/// A column of texts, each kept once.
pub(super) struct Entries {
    pub(super) column: usize,
    texts: Vec<String>,
    places: HashMap<String, u32>,
    pub(super) of: Vec<u32>,
}

impl Times {
    /// Of a column with this name, read as is said.
    pub(super) fn new(column: usize, name: &str, reading: &Reading) -> Self {
        let mut orders = Orders::of(reading);
        orders.may_count(TimeUnit::of_name(name));
        Self { column, orders, moments: Moments::default(), count: 0 }
    }
}

impl Entries {
    pub(super) fn new(column: usize) -> Self {
        Self { column, texts: Vec::new(), places: HashMap::new(), of: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str, budget: &Budget) -> Result<(), FileError> {
        let place = match self.places.get(text) {
            Some(&place) => place,
            None => {
                budget.take(2 * text.len() as u64 + BYTES_PER_RECORDING)?;
                // Fewer than there are bytes, divided by those of an entry.
                let place = u32::try_from(self.texts.len()).unwrap_or(NOTHING);
                self.places.insert(text.to_owned(), place);
                self.texts.push(text.to_owned());
                place
            }
        };
        self.of.push(place);
        Ok(())
    }

    /// Takes a row where nothing stands.
    pub(super) fn push_nothing(&mut self) {
        self.of.push(NOTHING);
    }

    pub(super) fn text(&self, row: usize) -> Option<&str> {
        self.texts.get(*self.of.get(row)? as usize).map(String::as_str)
    }
}
