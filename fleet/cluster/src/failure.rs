//! Errors on their way from an executor to whoever asked.
//!
//! Ballista sends an executor's error as the debug text of nested errors, without the
//! executor's name. So the executor [marks](on_executor) its errors, and the client
//! [reads](at_client) them.

use crate::Address;
use ballista_core::error::BallistaError;
use datafusion::error::DataFusionError;
use std::io;

const BEGIN: &str = "[[executor ";
const NAMED: &str = "]] ";
const END: &str = " [[end]]";

/// What a user can do where the query itself is not to blame.
const AGAIN: &str = "Nothing of it is a result: run the query again";

/// Marks `error` with the name of the executor that met it.
///
/// Ballista runs a task again after an I/O error, and a stage again after a shuffle that
/// could not be fetched. It looks at the kind of the error, so that kind stays.
pub(crate) fn on_executor(name: &str, error: DataFusionError) -> DataFusionError {
    let mark = |error: &DataFusionError| format!("{BEGIN}{name}{NAMED}{error}{END}");
    match error.find_root() {
        DataFusionError::IoError(root) => {
            DataFusionError::IoError(io::Error::new(root.kind(), mark(&error)))
        }
        DataFusionError::External(root) => match root.downcast_ref::<BallistaError>() {
            Some(BallistaError::IoError(root)) => {
                DataFusionError::IoError(io::Error::new(root.kind(), mark(&error)))
            }
            // It names the executor that does not answer.
            Some(BallistaError::FetchFailed(..) | BallistaError::Cancelled) => error,
            _ => DataFusionError::Execution(mark(&error)),
        },
        _ => DataFusionError::Execution(mark(&error)),
    }
}

/// What the client says, for what Ballista says.
pub(crate) fn at_client(scheduler: &Address, error: DataFusionError) -> DataFusionError {
    let text = error.to_string();
    let said = match marked(&text) {
        Some((name, message)) => format!("executor {name}: {}", readable(&message)),
        None => match text.split_once(" failed: ") {
            Some((job, why)) if job.contains("Job ") => format!(
                "the query failed on the cluster at {scheduler}: {}. {AGAIN}, when \
                 executors are there; their logs say more",
                readable(why.trim())
            ),
            _ => format!(
                "the cluster at {scheduler} broke off: {}. The scheduler or an executor that \
                 held a part of the result may have stopped. {AGAIN}",
                readable(&text)
            ),
        },
    };
    DataFusionError::Execution(said)
}

/// No executor was there for so many seconds.
pub(crate) fn no_executors(scheduler: &Address, seconds: u64) -> DataFusionError {
    DataFusionError::Execution(format!(
        "the scheduler at {scheduler} has had no executors for {seconds} s. Start one with \
         `ae-fleet-executor --scheduler {}`. {AGAIN}",
        scheduler.authority()
    ))
}

/// The scheduler did not answer for so many seconds.
pub(crate) fn no_scheduler(scheduler: &Address, seconds: u64) -> DataFusionError {
    DataFusionError::Execution(format!(
        "the scheduler at {scheduler} has not answered for {seconds} s. Start it again; its \
         executors find it. {AGAIN}"
    ))
}

/// The executor's name and its message, out of debug texts of debug texts.
fn marked(text: &str) -> Option<(String, String)> {
    let (_, rest) = text.split_once(BEGIN)?;
    let (name, rest) = rest.split_once(NAMED)?;
    let (message, _) = rest.split_once(END)?;
    Some((name.to_owned(), unescaped(message)))
}

/// Takes back what the debug text of a string does to it.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => plain.push(c),
            (_, true) => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
        }
    }
    plain
}

/// Without the names of the layers that an error went through.
fn readable(text: &str) -> String {
    const LAYERS: [&str; 8] = [
        "External error: ",
        "Execution error: ",
        "Arrow error: ",
        "Parquet error: ",
        "DataFusion error: ",
        "General error: ",
        "Object Store error: ",
        "IO error: ",
    ];
    let mut rest = text.trim();
    while let Some(inner) = LAYERS.iter().find_map(|layer| rest.strip_prefix(layer)) {
        rest = inner;
    }
    rest.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ballista_core::serde::protobuf::FailedTask;
    use ballista_core::serde::protobuf::failed_task::FailedReason;

    fn scheduler() -> Address {
        "df://scheduler:50050".parse().unwrap()
    }

    /// As Ballista carries it: to a task's failure, to a job's, to the client.
    fn carried(error: DataFusionError) -> (FailedTask, String) {
        let task = FailedTask::from(BallistaError::from(error));
        let job = format!("Job 1 failed: Job failed due to stage 2 failed: {}\n", task.error);
        let shown = at_client(&scheduler(), DataFusionError::Execution(job)).to_string();
        (task, shown)
    }

    #[test]
    fn an_executor_is_named_and_its_words_kept() {
        let words = "row 3 of \"window\":\n\texpected 12 values, found C:\\9";
        let (task, shown) =
            carried(on_executor("10.0.0.7:50051", DataFusionError::Execution(words.into())));
        assert!(!task.retryable);
        assert_eq!(shown, format!("Execution error: executor 10.0.0.7:50051: {words}"));
    }

    #[test]
    fn an_error_of_the_system_can_still_be_tried_again() {
        let gone = io::Error::new(io::ErrorKind::NotFound, "no such blob");
        for error in [
            DataFusionError::IoError(io::Error::new(gone.kind(), "no such blob")),
            DataFusionError::External(Box::new(BallistaError::IoError(gone))),
        ] {
            let (task, shown) = carried(on_executor("a:1", error));
            assert!(task.retryable);
            assert!(matches!(task.failed_reason, Some(FailedReason::IoError(_))));
            assert!(shown.contains("executor a:1: ") && shown.contains("no such blob"), "{shown}");
        }
    }

    #[test]
    fn a_shuffle_that_is_gone_stays_one() {
        let lost = BallistaError::FetchFailed("b:2".into(), 1, 0, "refused".into());
        let (task, _) = carried(on_executor("a:1", lost.into_datafusion()));
        assert!(matches!(task.failed_reason, Some(FailedReason::FetchPartitionError(_))));
    }

    #[test]
    fn whatever_else_says_what_to_do() {
        for text in ["Job 7 failed: all executors were lost", "transport error", ""] {
            let error = at_client(&scheduler(), DataFusionError::Execution(text.into()));
            let shown = error.to_string();
            assert!(shown.contains("run the query again"), "{shown}");
            assert!(shown.contains("df://scheduler:50050"), "{shown}");
        }
    }
}
