//! Which columns hold windows or samples, and whether their types are those of the models.

use anyhow::bail;
use datafusion::arrow::datatypes::{DataType, Field};

use super::{Rows, kind_of, value_type};
use crate::input::Input;
use crate::model::Model;
use crate::quote;

/// The column of windows: the one that is named, or the only one that the models take.
pub(super) fn windows(
    input: &Input,
    named: Option<&str>,
    models: &[&Model],
) -> anyhow::Result<Rows> {
    let expected = value_type(kind_of(models)?);
    let values = values(models)?;
    let column = match named {
        Some(name) => {
            check_window(name, input.column(name, "--window")?, &expected, values, input)?;
            name.to_owned()
        }
        None => guessed(input, &expected, values)?,
    };
    Ok(Rows::Windows { column, values })
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

fn is_window(of: &DataType, expected: &DataType, values: usize) -> bool {
    item(of).is_some_and(|(field, len)| {
        field.data_type() == expected && len.is_none_or(|len| len == values)
    })
}

fn check_window(
    name: &str,
    found: &DataType,
    expected: &DataType,
    values: usize,
    input: &Input,
) -> anyhow::Result<()> {
    if is_window(found, expected, values) {
        return Ok(());
    }
    bail!(
        "the column {name:?} of {} is {found}, and the model takes a list of {expected}, {values} \
         values each; name another with --window, or write it with that type",
        input.place()
    )
}

fn guessed(input: &Input, expected: &DataType, values: usize) -> anyhow::Result<String> {
    let fields = input.schema.fields();
    let fit: Vec<&str> = fields
        .iter()
        .filter(|field| is_window(field.data_type(), expected, values))
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
                "{} has no column of windows, which is a list of {expected}, {values} values each; \
                 its columns are {}; where its rows are samples, name their columns with --sample, \
                 and --device and --time",
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
