//! Remedies for errors of data, signals and detectors.

use std::error::Error;
use std::path::PathBuf;

use ae_data::DataError;
use ae_data::fetch::FetchError;
use ae_data::signal::{
    Alternating, ColumnUse, CountError, FaultKind, FaultReport, FileError, Fold, LoadSignalsError,
    SignalError, SplitError, StandardiseError, Unused, WindowError,
};
use ae_detect::images::LabelError;
use ae_detect::monitor::MonitorError;
use ae_detect::windows::WindowsError;
use ae_infer::DetectorError;

use super::shell::{option, quoted};

/// Which option uses an array of a file.
pub(crate) fn option_of(array: &Unused) -> Option<String> {
    Some(option(flag_of_column(array.may_be?), &array.name))
}

/// What the user can do about this error.
pub(super) fn remedy(error: &(dyn Error + 'static)) -> Option<String> {
    // Errors that stand for another are looked into.
    if let Some(error) = error.downcast_ref() {
        match error {
            MonitorError::Load(error) => remedy(error),
            MonitorError::Split(error) => remedy(error),
            MonitorError::Detector(error) => remedy(error),
            _ => monitor(error),
        }
    } else if let Some(error) = error.downcast_ref() {
        match error {
            LoadSignalsError::Signal(error) => remedy(error),
            LoadSignalsError::Count(error) => remedy(error),
            _ => None,
        }
    } else if let Some(error) = error.downcast_ref() {
        match error {
            WindowsError::Window { source, .. } => remedy(source),
            WindowsError::Standardise(error) => remedy(error),
            WindowsError::Signal(error) => remedy(error),
            WindowsError::NoneNormal { .. } => Some("give a smaller --stride or --window".into()),
        }
    } else if let Some(error) = error.downcast_ref() {
        data(error)
    } else if let Some(error) = error.downcast_ref() {
        fetch(error)
    } else if let Some(error) = error.downcast_ref() {
        match error {
            SignalError::File { source, .. } => file(source),
            SignalError::Faults(report) => faults(report),
            _ => signal(error),
        }
    } else if let Some(error) = error.downcast_ref() {
        file(error)
    } else if let Some(error) = error.downcast_ref() {
        split(error)
    } else {
        others(error)
    }
}

fn others(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(WindowError::TooShort { longest, alternating, .. }) = error.downcast_ref() {
        Some(match alternating {
            Some(cause) => of_alternating(*cause).into(),
            None => format!("give --window {longest} or less"),
        })
    } else if let Some(StandardiseError::Constant { others, .. }) = error.downcast_ref() {
        (!others.is_empty()).then(|| {
            format!(
                "give {}, or --drop-constant, which leaves out what is constant",
                option("--columns", others)
            )
        })
    } else if error.downcast_ref::<CountError>().is_some() {
        Some("--counts-per-unit says how many counts a unit has".into())
    } else if let Some(LabelError::NotSaid { .. }) = error.downcast_ref() {
        Some("say with --normal which".into())
    } else if let Some(DetectorError::NoDetection) = error.downcast_ref() {
        Some("make a detector with `ae-train detect`".into())
    } else {
        None
    }
}

fn data(error: &DataError) -> Option<String> {
    match error {
        DataError::NameNotFound { .. } | DataError::KnownDamaged { .. } => {
            Some("`ae-train fetch fashion-mnist` downloads it".into())
        }
        DataError::Checksum { .. } => Some(
            "`ae-train fetch fashion-mnist` downloads it, and --data takes a folder of other files"
                .into(),
        ),
        _ => None,
    }
}

fn fetch(error: &FetchError) -> Option<String> {
    match error {
        FetchError::Connect { .. }
        | FetchError::Status { .. }
        | FetchError::Length { .. }
        | FetchError::Checksum { .. } => Some("--from URL names a mirror".into()),
        _ => None,
    }
}

fn signal(error: &SignalError) -> Option<String> {
    match error {
        SignalError::NoFile => Some("name files with --data".into()),
        SignalError::Clock { name, others, can_be_named, .. } => Some(match can_be_named {
            true => {
                format!("give {} or {}", option("--time", name), option("--columns", others))
            }
            false => format!("give {}", option("--columns", others)),
        }),
        SignalError::ChannelsDiffer { first, file, .. } => {
            let is_text = |path: &&PathBuf| path.extension().is_some_and(|it| it == "csv");
            // A table of labels that lies among the recordings which it names.
            let table = [first, file]
                .into_iter()
                .find(is_text)
                .filter(|_| first.extension() != file.extension());
            Some(table.map_or_else(
                || "--columns chooses channels".into(),
                |table| format!(
                    "--columns chooses channels; if {} is a table that names the others, --data {} with \
                     --files COLUMN reads those, and --label and --group may be its columns",
                    table.display(),
                    quoted(table)
                ),
            ))
        }
        SignalError::GapWithoutTime => Some("name it with --time, or leave --gap out".into()),
        _ => None,
    }
}

fn file(error: &FileError) -> Option<String> {
    match error {
        FileError::UnnamedColumn { .. } => Some("--columns chooses channels".into()),
        FileError::Delimiter { .. } => Some("--delimiter says it, such as --delimiter ';'".into()),
        FileError::NoHeader { may_be_numbers, line, .. } => {
            let says = "--no-header says so, and calls the columns c0, c1 and so on";
            Some(match may_be_numbers {
                true => format!(
                    "{says}; where line {line} holds names, --skip-lines {line} --no-header skips them"
                ),
                false => says.into(),
            })
        }
        FileError::HeaderLength { skip: Some(lines), .. } => {
            Some(format!("--skip-lines {lines} skips them"))
        }
        FileError::HeaderLength { may_be_decimal: true, .. } => {
            Some("--decimal comma says so".into())
        }
        FileError::Skipped { .. } => Some("change --skip-lines".into()),
        FileError::TimeUnit { .. } => Some("give --time-unit s, ms, us or ns".into()),
        FileError::TooLarge { .. } => Some("--memory raises it".into()),
        FileError::UnknownColumn { column_use, .. }
        | FileError::SamplesAlone { column_use, .. } => {
            Some(format!("change {}", flag_of_column(*column_use)))
        }
        FileError::NotNumbers { .. } => Some(
            "--time, --label, --group and --recording say what else a column is, and --columns chooses \
             channels"
                .into(),
        ),
        FileError::UnfitColumn { column_use, .. } => {
            Some(format!("change {}", flag_of_column(*column_use)))
        }
        FileError::ChosenTwice { .. } => Some("change --columns".into()),
        FileError::TwoUses { other, .. } => {
            Some(format!("take it out of --columns or of {}", flag_of_column(*other)))
        }
        _ => None,
    }
}

fn faults(report: &FaultReport) -> Option<String> {
    let (kind, whole) = report.first()?;
    match (kind, &whole[..]) {
        (FaultKind::Missing, []) => Some(
            "--missing hold takes the last value for it, and --missing split ends the recording".into(),
        ),
        (FaultKind::Moment, _) if report.date_and_time().is_some() => {
            let both = report.date_and_time()?.join(",");
            Some(format!("give {}", option("--time", &both)))
        }
        (FaultKind::Moment, [time, ..]) => Some(format!("give {}", option("--time", time))),
        (FaultKind::Moment, []) => Some("--time names it".into()),
        (FaultKind::NotATime | FaultKind::Missing, _) => Some("--columns chooses channels".into()),
        (FaultKind::Comma | FaultKind::Point, _) => {
            Some("--decimal comma or --decimal point says it".into())
        }
        (FaultKind::Thousands, _) => Some("--decimal point says so".into()),
        (FaultKind::Text | FaultKind::Switch, _) => Some(
            "--columns chooses channels, and --time, --label, --group and --recording say what else \
             a column is"
                .into(),
        ),
        _ => None,
    }
}

fn split(error: &SplitError) -> Option<String> {
    match error {
        SplitError::NormalNotGiven { .. } => Some("say with --normal which are".into()),
        SplitError::NoLabels => Some(
            "name their column with --label, or leave --normal out if everything is normal".into(),
        ),
        SplitError::UnknownLabel { .. } => Some("change --normal".into()),
        SplitError::NoGroups { fold } => {
            Some(format!("name their column with --group, or leave {} out", flag_of_fold(*fold)))
        }
        SplitError::FoldWithoutGroups { missing, .. } => {
            Some(format!("{} is missing", flag_of_fold(*missing)))
        }
        SplitError::UnknownGroup { fold, .. } => Some(format!("change {}", flag_of_fold(*fold))),
        SplitError::TwoFolds { first, second, .. } => {
            Some(format!("it is in both {} and {}", flag_of_fold(*first), flag_of_fold(*second)))
        }
        SplitError::TooShort { alternating: Some(cause), .. } => {
            Some(of_alternating(*cause).into())
        }
        SplitError::TooShort { .. } => Some("--window says how long a window is".into()),
        _ => None,
    }
}

fn of_alternating(cause: Alternating) -> &'static str {
    match cause {
        Alternating::Group => "or leave --group out, if all lines are of one device",
        Alternating::Label => "or leave --label out",
        Alternating::Time => "--group names the column of devices",
    }
}

fn monitor(error: &MonitorError) -> Option<String> {
    match error {
        MonitorError::Changed => Some("give --data to play others".into()),
        MonitorError::Channels { .. } => Some("name them with --columns".into()),
        MonitorError::NotCounts { .. } => Some(
            "say how many counts a unit has with --counts-per-unit, or make a detector of f32 \
             values, with `ae-train detect --values`"
                .into(),
        ),
        _ => None,
    }
}

fn flag_of_column(column_use: ColumnUse) -> &'static str {
    match column_use {
        ColumnUse::Channel => "--columns",
        ColumnUse::Time => "--time",
        ColumnUse::Label => "--label",
        ColumnUse::Group => "--group",
        ColumnUse::Recording => "--recording",
        ColumnUse::File => "--files",
    }
}

fn flag_of_fold(fold: Fold) -> &'static str {
    match fold {
        Fold::Train => "--train-groups",
        Fold::Calibrate => "--calibrate-groups",
        Fold::Test => "--test-groups",
    }
}

#[cfg(test)]
mod tests {
    use ae_data::signal::Constant;

    use super::*;
    use crate::trouble::remedy;

    #[test]
    fn a_remedy_is_found_behind_every_wrapper() {
        let file = FileError::UnknownColumn {
            column_use: ColumnUse::Label,
            name: "l".into(),
            there: "x".into(),
        };
        let signal = SignalError::File { file: "a.csv".into(), source: file };
        let monitor = MonitorError::Load(LoadSignalsError::Signal(signal));
        let error = anyhow::Error::from(monitor).context("cannot play these files");
        assert_eq!(remedy(&error).as_deref(), Some("change --label"));
        let windows = WindowsError::Standardise(StandardiseError::Constant {
            channels: vec![Constant { channel: "y".into(), value: 5.0 }],
            others: "x".into(),
        });
        assert_eq!(
            remedy(&windows.into()).as_deref(),
            Some("give --columns x, or --drop-constant, which leaves out what is constant")
        );
        assert_eq!(remedy(&anyhow::anyhow!("something else")), None);
    }
}
