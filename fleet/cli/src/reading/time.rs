//! Times of rows.

use anyhow::bail;
use datafusion::arrow::datatypes::{DataType, TimeUnit};

use crate::input::Input;
use crate::quote;

/// Times as numbers, and how many are a second; 1 where the column says no unit.
pub(super) fn ticks(input: &Input, time: &str, option: &str) -> anyhow::Result<(String, f64)> {
    let name = quote::name(time);
    match input.column(time, "--time")? {
        DataType::Timestamp(unit, _) => {
            let units = match unit {
                TimeUnit::Second => 1.0,
                TimeUnit::Millisecond => 1e3,
                TimeUnit::Microsecond => 1e6,
                TimeUnit::Nanosecond => 1e9,
            };
            Ok((format!("arrow_cast({name}, 'Int64')"), units))
        }
        found if found.is_numeric() => Ok((format!("arrow_cast({name}, 'Float64')"), 1.0)),
        found => bail!(
            "the column {time:?} of {} is {found}, and {option} needs a timestamp or a number; name \
             another with --time, or write it with that type",
            input.place()
        ),
    }
}

/// Whether a row has no time, and so no place in the order.
pub(super) fn is_missing(input: &Input, time: &str) -> anyhow::Result<String> {
    let name = quote::name(time);
    let is_null = format!("{name} IS NULL");
    Ok(match input.column(time, "--time")? {
        found if found.is_floating() => format!("({is_null} OR isnan({name}))"),
        _ => is_null,
    })
}

/// Whether more time has passed since the sample before than `gap`.
pub(super) fn restart(
    input: &Input,
    time: &str,
    device: Option<&str>,
    gap: f64,
) -> anyhow::Result<String> {
    let (now, units) = ticks(input, time, "--gap")?;
    let partition = device.map_or(String::new(), |of| format!("PARTITION BY {} ", quote::name(of)));
    let before = format!("lag({now}) OVER ({partition}ORDER BY {})", quote::name(time));
    Ok(format!("({now} - {before} > {:?})", gap * units))
}
