//! The targets of `fuzz/`, and how they are run.

/// A target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// Its part of the time, in no unit.
    pub(super) share: f64,
    /// Longest input in bytes.
    pub(super) max_len: usize,
    /// Memory that a process may take, and a single allocation, in MB.
    pub(super) memory_mb: u32,
    /// Inputs in the step `fuzz` of the tests.
    pub(crate) runs_in_tests: u64,
}

/// All targets.
pub(crate) const TARGETS: &[Target] = &[
    // Six edits of eight bytes.
    Target { name: "sealed", share: 70.0, max_len: 50, memory_mb: 1024, runs_in_tests: 300_000 },
    Target { name: "loader", share: 10.0, max_len: 4096, memory_mb: 1024, runs_in_tests: 100_000 },
    Target { name: "kernels", share: 10.0, max_len: 17, memory_mb: 1024, runs_in_tests: 3_000 },
];

/// The target of a name.
///
/// # Errors
/// There is none, and these there are.
pub(super) fn find(name: &str) -> Result<&'static Target, String> {
    TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        format!("there is no target {name}, only {}", names.join(", "))
    })
}
