//! Values that rows name by their places.

use std::collections::HashMap;

use super::batch::Batch;
use super::flat::Record;
use super::schema::Field;
use super::values::Values;
use super::{Damage, damage};
use crate::signal::budget::Budget;
use crate::signal::columnar::readers::cell::Cell;
use crate::signal::columnar::readers::table::Table;

/// Values that rows name by their places, by the dictionary's number.
pub(super) struct Dictionaries {
    /// Of the columns that are wanted.
    fields: HashMap<i64, Field>,
    values: HashMap<i64, Dictionary>,
}

#[derive(Default)]
pub(super) struct Dictionary {
    cells: Vec<Owned>,
    /// All texts, one behind the other.
    texts: String,
}

/// A cell that lasts.
enum Owned {
    Text(usize, usize),
    Other(Cell<'static>),
}

impl Dictionaries {
    pub(super) fn new(fields: &[Field], table: &Table<'_>) -> Self {
        let wanted = fields.iter().enumerate().filter(|(at, _)| table.is_wanted(*at));
        let with = wanted.filter_map(|(_, field)| Some((field.dictionary?.0, field.clone())));
        Self { fields: with.collect(), values: HashMap::new() }
    }

    /// Takes a dictionary, or more of one.
    pub(super) fn take(
        &mut self,
        header: &Record<'_>,
        body: &[u8],
        budget: &Budget,
    ) -> Result<(), Damage> {
        let number = header.i64(0, 0)?;
        let Some(field) = self.fields.get(&number) else { return Ok(()) };
        let data = header.record(1)?.ok_or_else(|| damage("a dictionary without values"))?;
        let is_more = header.u8(2, 0)? != 0;
        let mut batch = Batch::new(&data, body, budget)?;
        let rows = batch.rows;
        // The values, of which no further dictionary is made.
        let field = Field { dictionary: None, ..field.clone() };
        let Some(buffers) = batch.column(&field, true, budget)? else { return Ok(()) };
        let dictionary = self.values.entry(number).or_default();
        if !is_more {
            *dictionary = Dictionary::default();
        }
        let values = Values::new(&buffers, field.stored);
        for row in 0..rows {
            let cell = values.at(row as usize)?;
            budget.take(2 * size_of::<Owned>() as u64)?;
            dictionary.push(cell, budget)?;
        }
        budget.give_back(buffers.taken);
        Ok(())
    }

    pub(super) fn of(&self, number: i64, column: &str) -> Result<&Dictionary, Damage> {
        self.values
            .get(&number)
            .ok_or_else(|| damage(format!("column `{column}` without its dictionary")))
    }
}

impl Dictionary {
    fn push(&mut self, cell: Cell<'_>, budget: &Budget) -> Result<(), Damage> {
        self.cells.push(match cell {
            Cell::Text(text) => {
                budget.take(2 * text.len() as u64)?;
                let from = self.texts.len();
                self.texts.push_str(text);
                Owned::Text(from, self.texts.len())
            }
            Cell::Nothing => Owned::Other(Cell::Nothing),
            Cell::Number(number) => Owned::Other(Cell::Number(number)),
            Cell::Integer(number) => Owned::Other(Cell::Integer(number)),
            Cell::Natural(number) => Owned::Other(Cell::Natural(number)),
            Cell::Switch(is_on) => Owned::Other(Cell::Switch(is_on)),
            Cell::Moment(since, parts) => Owned::Other(Cell::Moment(since, parts)),
            Cell::TimeOfDay(since, parts) => Owned::Other(Cell::TimeOfDay(since, parts)),
        });
        Ok(())
    }

    pub(super) fn at(&self, place: usize) -> Result<Cell<'_>, Damage> {
        match self.cells.get(place) {
            Some(Owned::Text(from, to)) => {
                Ok(Cell::Text(self.texts.get(*from..*to).unwrap_or_default()))
            }
            Some(Owned::Other(cell)) => Ok(*cell),
            None => Err(damage(format!("place {place} in a dictionary of {}", self.cells.len()))),
        }
    }
}
