//! From the pages of a column to cells.

use half::f16;
use rawzip::ReaderAt;

use super::bits::Hybrid;
use super::pages::Pages;
use super::schema::{Column, Meaning, Physical};
use super::values::{Dictionary, Raw, Values};
use super::{Damage, damage};
use crate::signal::columnar::readers::cell::{Cell, text_of};
use crate::signal::columnar::readers::table::Table;

/// The day of 1970-01-01, where days are counted as astronomers do.
const DAY_OF_1970: i64 = 2_440_588;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Reads all values of a column in a group of rows into column `at` of the table.
pub(super) fn read(
    pages: &mut Pages<'_, impl ReaderAt>,
    column: &Column,
    at: usize,
    table: &mut Table<'_>,
) -> Result<(), Damage> {
    let mut dictionary = None;
    let mut kept = 0;
    while let Some(page) = pages.next()? {
        let taken = page.taken();
        if page.is_dictionary {
            let dictionary = dictionary.insert(Dictionary::new(page, column.physical)?);
            pages.budget.take(dictionary.places_bytes())?;
            kept += taken + dictionary.places_bytes();
            continue;
        }
        table.announce(at, page.values)?;
        let mut values = Values::new(&page, column, dictionary.as_ref())?;
        let levels = column.is_optional.then(|| Hybrid::new(&page.levels, 1));
        let mut levels = levels.transpose()?;
        for _ in 0..page.values {
            let is_there = match &mut levels {
                Some(levels) => levels.next()? == 1,
                None => true,
            };
            let value = if is_there { cell(column, values.next()?)? } else { Cell::Nothing };
            table.push(at, value)?;
        }
        pages.budget.give_back(taken);
    }
    pages.budget.give_back(kept);
    Ok(())
}

/// What a value means.
fn cell<'v>(column: &Column, raw: Raw<'v>) -> Result<Cell<'v>, Damage> {
    // The lower half, where it is stored in four bytes.
    let signed = |bits: u64| match column.physical {
        Physical::Int32 => i64::from(bits as u32 as i32),
        _ => bits as i64,
    };
    Ok(match (column.meaning, column.physical, raw) {
        (Meaning::Plain, Physical::Boolean, Raw::Bits(bits)) => Cell::Switch(bits != 0),
        (Meaning::Plain, Physical::Float, Raw::Bits(bits)) => {
            Cell::Number(f32::from_bits(bits as u32).into())
        }
        (Meaning::Plain, Physical::Double, Raw::Bits(bits)) => Cell::Number(f64::from_bits(bits)),
        (Meaning::Plain, _, Raw::Bits(bits)) => Cell::Integer(signed(bits)),
        (Meaning::Unsigned, _, Raw::Bits(bits)) => Cell::Natural(bits),
        (Meaning::Decimal(scale), _, Raw::Bits(bits)) => decimal(signed(bits).into(), scale),
        (Meaning::Decimal(scale), _, Raw::Bytes(bytes)) => decimal(big_endian(bytes)?, scale),
        (Meaning::Half, _, Raw::Bytes(&[low, high])) => {
            Cell::Number(f16::from_le_bytes([low, high]).to_f64())
        }
        (Meaning::Text, _, Raw::Bytes(bytes)) => text_of(bytes)
            .map_err(|reason| damage(format!("column `{}` holds {reason}", column.name)))?,
        (Meaning::Days, _, Raw::Bits(bits)) => Cell::Moment(signed(bits) * DAY, 1),
        (Meaning::Moment(parts), _, Raw::Bits(bits)) => Cell::Moment(bits as i64, parts),
        (Meaning::Moment(_), _, Raw::Bytes(bytes)) => {
            Cell::Moment(older_moment(bytes), 1_000_000_000)
        }
        (Meaning::TimeOfDay(parts), _, Raw::Bits(bits)) => Cell::TimeOfDay(signed(bits), parts),
        _ => return Err(damage(format!("column `{}` holds values of another type", column.name))),
    })
}

fn decimal<'v>(number: i128, scale: i32) -> Cell<'v> {
    Cell::Number(number as f64 / 10_f64.powi(scale))
}

/// A signed number of up to 16 bytes, the highest first.
fn big_endian(bytes: &[u8]) -> Result<i128, Damage> {
    if bytes.len() > 16 {
        return Err(damage(format!("a decimal of {} bytes, expected 16 at most", bytes.len())));
    }
    let negative = bytes.first().is_some_and(|&byte| byte >= 0x80);
    let start = if negative { -1 } else { 0 };
    Ok(bytes.iter().fold(start, |number, &byte| number << 8 | i128::from(byte)))
}

/// Nanoseconds since 1970 of a moment in twelve bytes: nanoseconds of a day, and the day.
fn older_moment(bytes: &[u8]) -> i64 {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_i64, |n, &byte| n << 8 | i64::from(byte));
    let (of_day, day) = bytes.split_at(bytes.len().min(8));
    let days = number(day) - DAY_OF_1970;
    days.wrapping_mul(DAY * 1_000_000_000).wrapping_add(number(of_day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(physical: Physical, meaning: Meaning) -> Column {
        Column { name: "it".into(), physical, meaning, is_optional: false, leaf: 0 }
    }

    #[test]
    fn values_mean_what_their_column_says() {
        use Physical as P;
        let minus_two = u64::from(-2_i32 as u32);
        for (physical, meaning, raw, expected) in [
            (P::Boolean, Meaning::Plain, Raw::Bits(1), Cell::Switch(true)),
            (P::Int32, Meaning::Plain, Raw::Bits(minus_two), Cell::Integer(-2)),
            (P::Int32, Meaning::Unsigned, Raw::Bits(minus_two), Cell::Natural(4_294_967_294)),
            (P::Int64, Meaning::Plain, Raw::Bits(-2_i64 as u64), Cell::Integer(-2)),
            (P::Int32, Meaning::Decimal(2), Raw::Bits(minus_two), Cell::Number(-0.02)),
            (P::Fixed(3), Meaning::Decimal(1), Raw::Bytes(&[255, 255, 246]), Cell::Number(-1.0)),
            (P::Fixed(2), Meaning::Half, Raw::Bytes(&[0x00, 0xc0]), Cell::Number(-2.0)),
            (P::Bytes, Meaning::Text, Raw::Bytes(b"ok"), Cell::Text("ok")),
            (P::Int32, Meaning::Days, Raw::Bits(minus_two), Cell::Moment(-2 * DAY, 1)),
            (P::Int64, Meaning::Moment(1000), Raw::Bits(5), Cell::Moment(5, 1000)),
            (P::Int32, Meaning::TimeOfDay(1000), Raw::Bits(5), Cell::TimeOfDay(5, 1000)),
        ] {
            assert_eq!(cell(&column(physical, meaning), raw).unwrap(), expected, "{meaning:?}");
        }
        let of = |meaning| column(P::Bytes, meaning);
        assert!(cell(&of(Meaning::Text), Raw::Bytes(&[0xff])).is_err());
        assert!(cell(&of(Meaning::Decimal(0)), Raw::Bytes(&[0; 17])).is_err());
        // Noon of the second day of 1970.
        let noon =
            [&(DAY / 2 * 1_000_000_000).to_le_bytes()[..], &2_440_589_i32.to_le_bytes()].concat();
        assert_eq!(older_moment(&noon), 3 * DAY / 2 * 1_000_000_000);
    }
}
