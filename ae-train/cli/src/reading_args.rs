//! How files of signals are read where they do not say it.

use ae_data::signal::{
    Absent, Decimal, Delimiter, HeaderAt, Reading, Signals, TextFormat, TimeUnit, Understood,
};

/// How files are read where they do not say it.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signals")]
pub(super) struct ReadingArgs {
    /// What stands between the columns of a CSV file: one sign, or comma, semicolon, tab or bar.
    /// Without it, the one of these four that fits all lines; a line says which.
    #[arg(long, value_name = "SIGN")]
    delimiter: Option<Delimiter>,
    /// What stands before the fraction of a number in a CSV file: point or comma. The other one then
    /// stands between thousands. Without it, commas are decimal ones where they can be nothing else.
    #[arg(long, value_name = "point|comma")]
    decimal: Option<Decimal>,
    /// The first line of a CSV file is a sample. Its columns are called c0, c1 and so on.
    #[arg(long)]
    no_header: bool,
    /// Lines of a CSV file before the header. Empty lines, and those that begin with # or //, are
    /// skipped in any case.
    #[arg(long, value_name = "LINES", default_value_t)]
    skip_lines: usize,
    /// What numbers in the column of times count: s, ms, us, ns, min, h or d. Without it, what the
    /// name of the column says, the unit below it, or a number of seconds since 1970.
    #[arg(long, value_name = "UNIT")]
    time_unit: Option<TimeUnit>,
    /// A recording ends where a step of time is longer than so many seconds. Without it, or with
    /// auto, where it is longer than five usual steps and than three of those that nine of ten are
    /// shorter than.
    #[arg(long, value_name = "SECONDS|auto", value_parser = parse_gap)]
    gap: Option<Gap>,
    /// Numbers that stand for a missing value, such as -127,-9999, or `none`; and what becomes of
    /// missing values: `hold`, where the last value of the channel stands for them, or `split`, where
    /// the recording ends. Without hold or split a field without a value is an error, and no window to
    /// train or to calibrate on holds such a number. Without numbers, a few far values of the kind
    /// that sensors and programs write for it are taken for missing, and a note says which.
    #[arg(long, value_name = "A,B,…", value_parser = parse_missing, allow_hyphen_values = true)]
    missing: Option<MissingValues>,
}

/// What `--gap` says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gap {
    Auto,
    Seconds(f64),
}

fn parse_gap(text: &str) -> Result<Gap, String> {
    match text.parse() {
        Ok(seconds) if seconds > 0.0 && f64::is_finite(seconds) => Ok(Gap::Seconds(seconds)),
        _ if text == "auto" => Ok(Gap::Auto),
        _ => Err("expected seconds, a number above 0, or auto".to_owned()),
    }
}

/// What `--missing` says.
#[derive(Debug, Clone, Default, PartialEq)]
struct MissingValues {
    /// Numbers, and an empty list for none.
    numbers: Option<Vec<f32>>,
    absent: Absent,
}

fn parse_missing(text: &str) -> Result<MissingValues, String> {
    let mut said = MissingValues::default();
    let mut has_absent = false;
    for part in text.split(',').map(str::trim) {
        let numbers = said.numbers.as_ref();
        match (part, part.parse::<f32>()) {
            ("hold" | "split", _) if !has_absent => {
                said.absent = if part == "hold" { Absent::Hold } else { Absent::Split };
                has_absent = true;
            }
            ("none", _) if numbers.is_none() => said.numbers = Some(Vec::new()),
            (_, Ok(number))
                if number.is_finite() && numbers.is_none_or(|numbers| !numbers.is_empty()) =>
            {
                said.numbers.get_or_insert_default().push(number);
            }
            _ => {
                return Err("expected numbers, such as -127,-9999, or none; and perhaps hold or \
                            split behind them"
                    .to_owned());
            }
        }
    }
    Ok(said)
}

impl ReadingArgs {
    /// How files are read.
    pub(super) fn reading(&self) -> Reading {
        let MissingValues { numbers, absent } = self.missing.clone().unwrap_or_default();
        Reading {
            delimiter: self.delimiter,
            decimal: self.decimal,
            no_header: self.no_header,
            skip_lines: self.skip_lines,
            time_unit: self.time_unit,
            gap: match self.gap {
                Some(Gap::Seconds(seconds)) => Some(seconds),
                Some(Gap::Auto) | None => None,
            },
            absent,
            absent_codes: match absent {
                Absent::Refuse => Vec::new(),
                Absent::Hold | Absent::Split => numbers.unwrap_or_default(),
            },
        }
    }

    /// Numbers that stand for a missing value, if it was said.
    pub(super) fn missing(&self) -> Option<Vec<f32>> {
        self.missing.as_ref().and_then(|missing| missing.numbers.clone())
    }

    /// An option that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--delimiter", self.delimiter.is_some()),
            ("--decimal", self.decimal.is_some()),
            ("--no-header", self.no_header),
            ("--skip-lines", self.skip_lines > 0),
            ("--time-unit", self.time_unit.is_some()),
            ("--gap", self.gap.is_some()),
            ("--missing", self.missing.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }
}

/// Says what was understood of files.
pub(super) fn tell_understood(signals: &Signals) {
    let understood = Understood::of(signals);
    understood.lines().iter().for_each(|line| tell!("{line}"));
    let is_numbered = |format: &TextFormat| matches!(format.header, HeaderAt::Numbers(_));
    if understood.format.iter().chain(&understood.other_format).any(is_numbered) {
        tell!("note: --no-header takes the numbers of the first line for a sample");
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        reading: ReadingArgs,
    }

    fn parse(line: &str) -> Result<ReadingArgs, String> {
        let words = std::iter::once("ae-train").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.reading).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_says_it_all() {
        let args = parse(
            "--delimiter ; --decimal comma --no-header --skip-lines 3 --time-unit ms --gap 0.5 \
             --missing -127,-9999,hold",
        )
        .unwrap();
        assert_eq!(
            args.reading(),
            Reading {
                delimiter: ";".parse().ok(),
                decimal: Some(Decimal::Comma),
                no_header: true,
                skip_lines: 3,
                time_unit: Some(TimeUnit::Milliseconds),
                gap: Some(0.5),
                absent: Absent::Hold,
                absent_codes: vec![-127.0, -9999.0],
            }
        );
        assert_eq!(args.missing(), Some(vec![-127.0, -9999.0]));
        let nothing = parse("").unwrap();
        assert!(nothing.reading().is_default() && nothing.given().is_none());
        assert_eq!(nothing.missing(), None);
        assert!(parse("--gap auto").unwrap().reading().is_default());
    }

    #[test]
    fn missing_values_are_numbers_and_what_becomes_of_them() {
        for (text, numbers, absent) in [
            ("hold", None, Absent::Hold),
            ("split", None, Absent::Split),
            ("none", Some(vec![]), Absent::Refuse),
            ("none,split", Some(vec![]), Absent::Split),
            ("85", Some(vec![85.0]), Absent::Refuse),
            ("hold,85", Some(vec![85.0]), Absent::Hold),
        ] {
            let args = parse(&format!("--missing {text}")).unwrap();
            assert_eq!((args.missing(), args.reading().absent), (numbers, absent), "{text}");
        }
        for text in ["", "hold,split", "hold,hold", "none,5", "5,none", "nan", "x"] {
            assert!(parse(&format!("--missing={text}")).is_err(), "{text}");
        }
        for line in ["--gap 0", "--gap nan", "--gap -1", "--delimiter ab", "--decimal x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
