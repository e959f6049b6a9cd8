//! Errors as sentences.

use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;

/// How errors of the engine begin, before they say what is wrong.
const BEGINNINGS: [&str; 23] = [
    "External error: ",
    "Execution error: ",
    "Arrow error: ",
    "Parquet error: ",
    "Parquet argument error: ",
    "Object Store error: ",
    "Error during planning: ",
    "Schema error: ",
    "DataFusion error: ",
    "Internal error: ",
    "Optimizer rule 'simplify_expressions' failed",
    "type_coercion",
    "caused by",
    "Join Error",
    "External: ",
    "Parser error: ",
    "Compute error: ",
    "Cast error: ",
    "Invalid argument error: ",
    "SQL error: ",
    "ParserError(",
    "IO error: ",
    "Ipc error: ",
];

/// Where the engine asks for a report of what it takes for its own fault.
const REPORT: &str = "This issue was likely caused by a bug";

/// Before and behind what a function says of its arguments.
const COERCION: &str = "coercion failed with: ";
const NO_FUNCTION: &str = " No function matches the given name";

/// The error, its causes and what mends it. A cause is left out where the message has it already.
pub(crate) fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let cause = match cause.downcast_ref::<DataFusionError>() {
            Some(error) => sentence(error),
            None => plain(&cause.to_string()),
        };
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

/// What an error of the engine says, without what it says of itself.
pub(crate) fn sentence(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(text) => match pool_size(text) {
            Some(size) => format!(
                "{size} of memory are not enough for the sorts and groups of this query; give more \
                 with --memory-limit, or fewer --cores, which share it"
            ),
            None => plain(text),
        },
        DataFusionError::External(error) => match error.downcast_ref::<DataFusionError>() {
            Some(error) => sentence(error),
            None => plain(&error.to_string()),
        },
        DataFusionError::ArrowError(error, _) => arrow(error),
        DataFusionError::ParquetError(error) => match &**error {
            ParquetError::External(error) => plain(&error.to_string()),
            error => plain(&error.to_string()),
        },
        DataFusionError::SchemaError(error, _) => schema(error),
        other => plain(&other.strip_backtrace()),
    }
}

/// The size of the pool that has no room, as the engine says it.
fn pool_size(text: &str) -> Option<&str> {
    Some(text.split_once("(pool_size: ")?.1.split_once(')')?.0)
}

fn arrow(error: &ArrowError) -> String {
    match error {
        ArrowError::ExternalError(error) => match error.downcast_ref::<DataFusionError>() {
            Some(error) => sentence(error),
            None => plain(&error.to_string()),
        },
        error => plain(&error.to_string()),
    }
}

fn schema(error: &SchemaError) -> String {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let names: Vec<&str> = valid_fields.iter().map(|field| field.name.as_str()).collect();
            format!("there is no column {:?}; the columns are {}", field.name, names.join(", "))
        }
        error => plain(&error.to_string()),
    }
}

/// Whether the data may be at fault, and one file of it be found by itself.
pub(crate) fn is_of_data(error: &DataFusionError) -> bool {
    matches!(
        error.find_root(),
        DataFusionError::ArrowError(..)
            | DataFusionError::ParquetError(_)
            | DataFusionError::External(_)
            | DataFusionError::Execution(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_)
            | DataFusionError::ExecutionJoin(_)
    )
}

/// One line, without the beginnings.
fn plain(text: &str) -> String {
    let text = text.split(REPORT).next().unwrap_or(text);
    // What a function says of its arguments stands between what the engine says of functions.
    let text = text.split_once(COERCION).map_or(text, |(_, behind)| behind);
    let text = text.split(NO_FUNCTION).next().unwrap_or(text);
    let mut rest = text.trim();
    while let Some(behind) =
        BEGINNINGS.iter().find_map(|beginning| rest.strip_prefix(beginning.trim_end()))
    {
        rest = behind.trim_start_matches([':', ' ', '\n']);
    }
    let words: Vec<&str> = rest.split('\n').map(str::trim).filter(|it| !it.is_empty()).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_go() {
        let inner = DataFusionError::Execution("row 7: expected 4 values, found 3".to_owned());
        let wrapped = DataFusionError::External(Box::new(inner)).context("while scoring");
        assert_eq!(sentence(&wrapped), "row 7: expected 4 values, found 3");
        let parquet = ParquetError::General("Invalid Parquet file.".to_owned());
        assert_eq!(sentence(&parquet.into()), "Invalid Parquet file");
        assert_eq!(plain("External error: Arrow error: Parser error: a\n b"), "a b");
        let text = "Function 'f' user-defined coercion failed with: External error: f takes 1. No \
                    function matches the given name and";
        assert_eq!(plain(text), "f takes 1");
    }

    #[test]
    fn memory_says_what_to_give() {
        let text = "Failed for Sort[0] - 1 B remain: fair(pool_size: 3.8 MB)".to_owned();
        let told = sentence(&DataFusionError::ResourcesExhausted(text));
        assert!(told.starts_with("3.8 MB of memory are not enough"), "{told}");
        assert!(told.contains("--memory-limit"), "{told}");
        let full = DataFusionError::ResourcesExhausted("the disk is full".to_owned());
        assert_eq!(sentence(&full), "the disk is full");
    }

    #[test]
    fn causes_are_told_once() {
        let error = anyhow::anyhow!("b").context("a: b");
        assert_eq!(message(&error), "a: b");
        let error = anyhow::anyhow!("c").context("a");
        assert_eq!(message(&error), "a: c");
    }
}
