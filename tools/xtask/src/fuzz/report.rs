//! What all processes came to.

use std::fmt::Write;

use super::build::{Sanitizer, program};
use super::process::Seen;
use super::targets::Target;

/// A line a target, and the sums.
pub(crate) fn table(all: &[(&Target, Seen)], sanitizer: Sanitizer) -> String {
    let mut text = format!(
        "{:<12} {:>13} {:>11} {:>13} {:>13} {:>7} {:>9} {:>7} {:>9}\n",
        "target",
        "executions",
        "per s, core",
        "sealed",
        "accepted",
        "edges",
        "features",
        "corpus",
        "findings"
    );
    let mut line = |name: &str, seen: &Seen| {
        let rate = seen.executions as f64 / seen.time.as_secs_f64().max(1e-3);
        let reached = [seen.edges, seen.features, seen.corpus].map(|count| match count {
            0 => String::new(),
            count => count.to_string(),
        });
        let [edges, features, corpus] = reached;
        writeln!(
            text,
            "{name:<12} {:>13} {rate:>11.0} {:>13} {:>13} {edges:>7} {features:>9} {corpus:>7} {:>9}",
            seen.executions,
            seen.sealed,
            seen.accepted,
            seen.findings.len()
        )
        .expect("writing to a string does not fail");
    };
    let mut sum = Seen::default();
    for (target, seen) in all {
        line(target.name, seen);
        sum = sum.with(seen.clone());
    }
    (sum.edges, sum.features, sum.corpus) = (0, 0, 0);
    line("all", &sum);
    let sums = |with: Sanitizer| {
        let of_it = all.iter().filter(|(target, _)| target.sanitizer(sanitizer) == with);
        of_it.fold((0, 0), |(runs, sealed), (_, seen)| {
            (runs + seen.executions, sealed + seen.sealed)
        })
    };
    for (with, built) in [
        (Sanitizer::Address, "with the address sanitizer"),
        (Sanitizer::None, "without a sanitizer"),
    ] {
        let (executions, sealed) = sums(with);
        if executions > 0 {
            writeln!(
                text,
                "{executions} executions {built}, {sealed} of them of models with a right length \
                 and checksum"
            )
            .expect("writing to a string does not fail");
        }
    }
    text.push_str("All with overflow checks and debug assertions.\n");
    text
}

/// What was found, and how to run it again; empty if nothing was.
pub(crate) fn findings(all: &[(&Target, Seen)], sanitizer: Sanitizer) -> String {
    let mut text = String::new();
    for (target, seen) in all {
        for (summary, input) in &seen.findings {
            let name = target.name;
            writeln!(text, "found by {name}: {summary}")
                .expect("writing to a string does not fail");
            if let Some(input) = input {
                let program = program(sanitizer, target).unwrap_or_else(|_| name.into());
                writeln!(text, "  run it again: {} {}", program.display(), input.display())
                    .expect("writing to a string does not fail");
            }
        }
    }
    text
}
