//! Which columns hold windows or samples, and whether their types are those of the models.

use std::fmt;

use ae_core::SampleKind;
use anyhow::bail;
use datafusion::arrow::datatypes::{DataType, Field};

use super::{Rows, kind_of, value_type};
use crate::input::Input;
use crate::model::Model;
use crate::query::Length;
use crate::quote;

/// The column of windows: the one that is named, or the only one that the models take.
pub(super) fn windows(
    input: &Input,
    named: Option<&str>,
    models: &[&Model],
) -> anyhow::Result<Rows> {
    let expected = Window { kind: kind_of(models)?, values: values(models)? };
    let column = match named {
        Some(name) => {
            expected.check(name, input)?;
            name.to_owned()
        }
        None => expected.guess(input)?,
    };
    let quoted = quote::name(&column);
    let length = match is_bytes(input.column(&column, "--window")?) {
        false => Length {
            found: format!("array_length({quoted})"),
            expected: expected.values,
            unit: "values",
        },
        true => Length {
            found: format!("character_length(encode({quoted}, 'hex')) / 2"),
            expected: expected.bytes(),
            unit: "bytes",
        },
    };
    Ok(Rows::Windows { column, length })
}

/// Values of a window, which all models take.
fn values(models: &[&Model]) -> anyhow::Result<usize> {
    let values = |model: &Model| match model.detector {
        Some(of) => of.window * of.channels,
        None => model.features,
    };
    let mut all = models.iter().map(|model| (values(model), &model.path));
    let Some((first, path)) = all.next() else { return Ok(0) };
    match all.find(|(values, _)| *values != first) {
        Some((other, of)) => bail!(
            "{} takes windows of {first} values and {} of {other}: compare them on samples, with \
             --sample",
            path.display(),
            of.display()
        ),
        None => Ok(first),
    }
}

fn item(of: &DataType) -> Option<(&Field, Option<usize>)> {
    match of {
        DataType::List(field) | DataType::LargeList(field) => Some((field, None)),
        DataType::FixedSizeList(field, len) => Some((field, usize::try_from(*len).ok())),
        _ => None,
    }
}

/// Whether a column of this type may hold windows as bytes.
const fn is_bytes(of: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(of, Binary | BinaryView | FixedSizeBinary(_) | LargeBinary)
}

/// What a window is, for all models.
struct Window {
    kind: SampleKind,
    values: usize,
}

impl Window {
    const fn bytes(&self) -> usize {
        self.values * self.kind.bytes()
    }

    /// Whether a column holds windows for sure: bytes of any length may be something else.
    fn is_window(&self, of: &DataType) -> bool {
        if let DataType::FixedSizeBinary(len) = of {
            return usize::try_from(*len) == Ok(self.bytes());
        }
        item(of).is_some_and(|(field, len)| {
            *field.data_type() == value_type(self.kind) && len.is_none_or(|len| len == self.values)
        })
    }

    fn check(&self, name: &str, input: &Input) -> anyhow::Result<()> {
        let found = input.column(name, "--window")?;
        let has_any_length = is_bytes(found) && !matches!(found, DataType::FixedSizeBinary(_));
        if self.is_window(found) || has_any_length {
            return Ok(());
        }
        bail!(
            "the column {name:?} of {} is {found}, and the model takes {self}; name another with \
             --window, or write it with that type",
            input.place()
        )
    }

    fn guess(&self, input: &Input) -> anyhow::Result<String> {
        let fields = input.schema.fields();
        let fit: Vec<&str> = fields
            .iter()
            .filter(|field| self.is_window(field.data_type()))
            .map(|field| field.name().as_str())
            .collect();
        match *fit {
            [one] => Ok(one.to_owned()),
            [] => {
                let found: Vec<String> = fields
                    .iter()
                    .map(|field| format!("{} ({})", field.name(), field.data_type()))
                    .collect();
                bail!(
                    "{} has no column of windows, which is {self}; its columns are {}; where its \
                     rows are samples, name their columns with --sample, and --device and --time",
                    input.place(),
                    found.join(", ")
                )
            }
            _ => bail!(
                "{} has several columns that may be windows: {}; name one with --window",
                input.place(),
                fit.join(", ")
            ),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of, values, bytes) = (value_type(self.kind), self.values, self.bytes());
        write!(out, "a list of {of}, {values} values each, or {bytes} bytes")
    }
}

/// The expression that makes a list of a sample's columns.
pub(super) fn samples(
    input: &mut Input,
    names: &[String],
    models: &[&Model],
) -> anyhow::Result<Rows> {
    let mut channels = 0;
    for model in models {
        channels = model.detector("cutting windows from samples")?.channels;
        if names.len() != 1 && names.len() != channels {
            bail!(
                "{} takes {channels} channels, and --sample names {}: {}; name a column for each \
                 channel, in the model's order",
                model.path.display(),
                names.len(),
                names.join(", ")
            );
        }
    }
    let expected = value_type(kind_of(models)?);
    if let [one] = names
        && let Some((field, _)) = item(input.column(one, "--sample")?)
    {
        if *field.data_type() != expected {
            bail!(
                "the column {one:?} of {} is a list of {}, and the model takes {expected}; write it \
                 with that type",
                input.place(),
                field.data_type()
            );
        }
        return Ok(Rows::Samples { sample: quote::name(one), columns: names.to_vec() });
    }
    if names.len() != channels {
        bail!(
            "the model takes {channels} channels, and --sample names one column that is no list; \
             name a column for each channel, in the model's order"
        );
    }
    for name in names {
        let found = input.column(name, "--sample")?;
        // A column of text gets its type when it is read.
        let fits = match expected {
            DataType::Float32 => found.is_numeric(),
            _ => found.is_integer(),
        };
        if !fits {
            bail!(
                "the column {name:?} of {} is {found}, and the model takes {expected}; name another \
                 with --sample, or write it with that type",
                input.place()
            );
        }
    }
    let quoted: Vec<String> = names.iter().map(|name| quote::name(name)).collect();
    let is_null: Vec<String> = quoted.iter().map(|name| format!("{name} IS NULL")).collect();
    let values: Vec<String> = quoted.iter().map(|name| quote::cast(name, &expected)).collect();
    let sample = format!(
        "CASE WHEN {} THEN NULL ELSE make_array({}) END",
        is_null.join(" OR "),
        values.join(", ")
    );
    Ok(Rows::Samples { sample, columns: names.to_vec() })
}
