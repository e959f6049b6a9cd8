//! Shows how far a query is, on a terminal.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::time::Duration;

use datafusion::physical_plan::ExecutionPlan;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

/// How often a bar looks.
const PERIOD: Duration = Duration::from_millis(200);

/// A bar that follows the rows that a query has read; it goes with this.
pub(crate) struct Progress(Option<(ProgressBar, JoinHandle<()>)>);

impl Progress {
    /// Of so many rows, where that is known.
    pub(crate) fn of(plan: &Arc<dyn ExecutionPlan>, rows: Option<u64>, what: &str) -> Self {
        if !stderr().is_terminal() {
            return Self(None);
        }
        let bar = match rows {
            Some(rows) => ProgressBar::new(rows)
                .with_style(style("{msg} [{bar:30}] {human_pos}/{human_len} rows {per_sec} {eta}")),
            None => ProgressBar::new_spinner()
                .with_style(style("{msg} {spinner} {human_pos} rows {elapsed}")),
        };
        let bar = bar.with_message(what.to_owned());
        let (plan, watched) = (Arc::clone(plan), bar.clone());
        let watch = tokio::spawn(async move {
            loop {
                tokio::time::sleep(PERIOD).await;
                watched.set_position(read(&plan));
                watched.tick();
            }
        });
        Self(Some((bar, watch)))
    }

    /// A bar over files, for who writes them.
    pub(crate) fn of_bytes(bytes: u64) -> ProgressBar {
        if !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        ProgressBar::new(bytes)
            .with_style(style("[{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}"))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((bar, watch)) = self.0.take() {
            watch.abort();
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    style.progress_chars("=> ")
}

/// Rows that the leaves of a plan have given.
fn read(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let children = plan.children();
    if children.is_empty() {
        let rows = plan.metrics().and_then(|metrics| metrics.output_rows());
        return rows.unwrap_or(0) as u64;
    }
    children.into_iter().map(read).sum()
}
