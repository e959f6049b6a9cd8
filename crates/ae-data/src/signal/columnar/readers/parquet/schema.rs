//! What the columns of a Parquet file are.

use super::thrift::{Thrift, Type, expect};
use super::{Damage, damage};

/// How a value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    /// Nanoseconds of a day and the day, as older programs write moments.
    Int96,
    Float,
    Double,
    Bytes,
    /// So many bytes.
    Fixed(usize),
}

/// What a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Signed or a float, as it is stored.
    Plain,
    Unsigned,
    /// A whole number, times ten to the power of minus so many.
    Decimal(i32),
    Half,
    Text,
    Days,
    /// Since 1970, in so many parts of a second.
    Moment(u32),
    TimeOfDay(u32),
    /// Something that is no single value, or no number and no text.
    Other(&'static str),
}

/// A column at the top of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    /// Whether values may be missing.
    pub(super) is_optional: bool,
    /// Its place among the columns that hold values.
    pub(super) leaf: usize,
}

/// An entry of the schema, which is a tree in order of depth.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    physical: Option<i64>,
    length: i64,
    repetition: i64,
    pub(super) name: String,
    children: u64,
    converted: Option<i64>,
    scale: i32,
    logical: Option<Meaning>,
}

/// The columns at the top, and how many hold values in all.
pub(super) fn columns(elements: &[Element]) -> Result<(Vec<Column>, usize), Damage> {
    let Some((root, mut rest)) = elements.split_first() else {
        return Err(damage("a schema without a root"));
    };
    let (mut columns, mut leaves) = (Vec::new(), 0);
    for _ in 0..root.children {
        let (element, behind) = rest.split_first().ok_or_else(short)?;
        let leaf = leaves;
        rest = behind;
        // What lies inside, a level or several down.
        let mut inside = element.children;
        leaves += usize::from(inside == 0);
        while inside > 0 {
            let (element, behind) = rest.split_first().ok_or_else(short)?;
            rest = behind;
            leaves += usize::from(element.children == 0);
            inside = (inside - 1).saturating_add(element.children);
        }
        columns.push(column(element, leaf)?);
    }
    if !rest.is_empty() {
        return Err(damage("a schema with more columns than its root says"));
    }
    Ok((columns, leaves))
}

fn short() -> Damage {
    damage("a schema with fewer columns than it says")
}

fn column(element: &Element, leaf: usize) -> Result<Column, Damage> {
    let name = element.name.clone();
    let is_optional = element.repetition == 1;
    if element.children > 0 || element.repetition > 1 {
        let meaning = Meaning::Other("several values");
        return Ok(Column { name, physical: Physical::Boolean, meaning, is_optional, leaf });
    }
    let physical = match element.physical {
        Some(0) => Physical::Boolean,
        Some(1) => Physical::Int32,
        Some(2) => Physical::Int64,
        Some(3) => Physical::Int96,
        Some(4) => Physical::Float,
        Some(5) => Physical::Double,
        Some(6) => Physical::Bytes,
        Some(7) => Physical::Fixed(
            usize::try_from(element.length)
                .ok()
                .filter(|&length| length > 0)
                .ok_or_else(|| damage(format!("column `{name}` of {} bytes", element.length)))?,
        ),
        other => return Err(damage(format!("column `{name}` of type {other:?}"))),
    };
    let meaning = element.logical.or_else(|| converted(element)).unwrap_or(match physical {
        // Without a meaning it may be text, as old programs write it, and a text says if it is none.
        Physical::Bytes => Meaning::Text,
        Physical::Int96 => Meaning::Moment(1_000_000_000),
        Physical::Fixed(_) => Meaning::Other("bytes"),
        _ => Meaning::Plain,
    });
    let meaning = if fits(physical, meaning) { meaning } else { Meaning::Other("an unusual type") };
    Ok(Column { name, physical, meaning, is_optional, leaf })
}

/// Whether a value can mean that where it is stored so.
fn fits(physical: Physical, meaning: Meaning) -> bool {
    use Physical::{Boolean, Bytes, Double, Fixed, Float, Int32, Int64, Int96};
    match meaning {
        Meaning::Other(_) => true,
        Meaning::Plain => matches!(physical, Boolean | Int32 | Int64 | Float | Double),
        Meaning::Unsigned => matches!(physical, Int32 | Int64),
        Meaning::Decimal(_) => matches!(physical, Int32 | Int64 | Bytes | Fixed(1..=16)),
        Meaning::Half => physical == Fixed(2),
        Meaning::Text => physical == Bytes,
        Meaning::Days => physical == Int32,
        Meaning::Moment(_) => matches!(physical, Int64 | Int96),
        Meaning::TimeOfDay(_) => matches!(physical, Int32 | Int64),
    }
}

/// What older programs say of a column.
fn converted(element: &Element) -> Option<Meaning> {
    Some(match element.converted? {
        0 | 4 | 19 => Meaning::Text,
        5 => Meaning::Decimal(element.scale),
        6 => Meaning::Days,
        7 => Meaning::TimeOfDay(1000),
        8 => Meaning::TimeOfDay(1_000_000),
        9 => Meaning::Moment(1000),
        10 => Meaning::Moment(1_000_000),
        11..=14 => Meaning::Unsigned,
        15..=18 => Meaning::Plain,
        _ => Meaning::Other("an unusual type"),
    })
}

pub(super) fn element(thrift: &mut Thrift<'_>, kind: Type) -> Result<Element, Damage> {
    expect(kind)?;
    let mut element = Element::default();
    thrift.structure(|thrift, id, kind| {
        match (id, kind) {
            (1, Type::Integer) => element.physical = Some(thrift.integer()?),
            (2, Type::Integer) => element.length = thrift.integer()?,
            (3, Type::Integer) => element.repetition = thrift.integer()?,
            (4, Type::Binary) => {
                element.name = String::from_utf8_lossy(thrift.binary()?).into_owned();
            }
            (5, Type::Integer) => element.children = thrift.count()?,
            (6, Type::Integer) => element.converted = Some(thrift.integer()?),
            (7, Type::Integer) => element.scale = scale(thrift.integer()?)?,
            (10, Type::Structure) => element.logical = logical(thrift)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(element)
}

fn scale(scale: i64) -> Result<i32, Damage> {
    i32::try_from(scale).map_err(|_| damage(format!("a decimal of scale {scale}")))
}

/// What a column means, by a union whose one field says it.
fn logical(thrift: &mut Thrift<'_>) -> Result<Option<Meaning>, Damage> {
    let mut meaning = None;
    thrift.structure(|thrift, id, kind| {
        meaning = Some(match id {
            // A number, whose sign is said inside.
            10 => {
                let mut is_signed = true;
                thrift.structure(|_, id, kind| {
                    is_signed &= (id, kind) != (2, Type::False);
                    Ok(matches!(kind, Type::True | Type::False))
                })?;
                meaning = Some(if is_signed { Meaning::Plain } else { Meaning::Unsigned });
                return Ok(true);
            }
            5 => {
                let mut of = 0;
                thrift.structure(|thrift, id, kind| {
                    let is_scale = (id, kind) == (1, Type::Integer);
                    if is_scale {
                        of = scale(thrift.integer()?)?;
                    }
                    Ok(is_scale)
                })?;
                meaning = Some(Meaning::Decimal(of));
                return Ok(true);
            }
            7 | 8 => {
                let parts = parts_of_second(thrift)?;
                meaning = Some(match id {
                    7 => Meaning::TimeOfDay(parts),
                    _ => Meaning::Moment(parts),
                });
                return Ok(true);
            }
            1 | 4 | 12 => Meaning::Text,
            6 => Meaning::Days,
            15 => Meaning::Half,
            11 => Meaning::Other("nothing"),
            _ => Meaning::Other("an unusual type"),
        });
        thrift.skip(kind)?;
        Ok(true)
    })?;
    Ok(meaning)
}

/// The unit of a time: thousandths, millionths or billionths of a second.
fn parts_of_second(thrift: &mut Thrift<'_>) -> Result<u32, Damage> {
    let mut parts = 1000;
    thrift.structure(|thrift, id, kind| {
        if (id, kind) != (2, Type::Structure) {
            return Ok(matches!(kind, Type::True | Type::False));
        }
        thrift.structure(|_, id, _| {
            parts = match id {
                1 => 1000,
                2 => 1_000_000,
                _ => 1_000_000_000,
            };
            Ok(false)
        })?;
        Ok(true)
    })?;
    Ok(parts)
}
