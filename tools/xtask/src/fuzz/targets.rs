//! The targets of `tools/fuzz/`, and how they are run.

/// Where a target is, and how it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    /// What runs on boards: built with the address sanitizer, and in seconds.
    Engine,
    /// What reads files on the host. It is all safe Rust, so it is built without a sanitizer.
    Readers,
}

impl Package {
    /// Its folder in the repository.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Engine => "tools/fuzz",
            Self::Readers => "tools/fuzz/readers",
        }
    }
}

/// A target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) package: Package,
    /// Its part of the time, in no unit.
    pub(super) share: f64,
    /// Longest input in bytes.
    pub(super) max_len: usize,
    /// Inputs in the step `fuzz` of the tests.
    pub(crate) runs_in_tests: u64,
}

/// All targets.
pub(crate) const TARGETS: &[Target] = &[
    // Six edits of eight bytes.
    engine("sealed", 65.0, 50, 110_000),
    engine("loader", 10.0, 4096, 100_000),
    engine("kernels", 10.0, 17, 1_000),
    // 200 steps of two bytes and a cut.
    engine("store", 8.0, 512, 700),
    // Two edits, and 48 bytes for the calls.
    engine("c", 10.0, 66, 7_000),
    reader("idx", 2.0, 4096, 4_000),
    reader("npy", 2.0, 1024, 4_000),
    reader("signal", 3.0, 2048, 4_000),
    reader("tables", 3.0, 4096, 3_000),
    reader("safetensors", 3.0, 4096, 2_000),
    reader("config", 2.0, 2048, 4_000),
    reader("frame", 1.0, 512, 20_000),
    reader("signed", 1.0, 1024, 1_000),
    reader("keys", 1.0, 512, 4_000),
    reader("elf", 1.0, 1024, 4_000),
    reader("session", 1.0, 512, 300),
    reader("run", 1.0, 256, 300),
    reader("tflite", 2.0, 4096, 3_000),
    reader("onnx", 2.0, 4096, 3_000),
    reader("keras", 2.0, 4096, 3_000),
    reader("torch", 2.0, 4096, 3_000),
];

const fn engine(name: &'static str, share: f64, max_len: usize, runs_in_tests: u64) -> Target {
    Target { name, package: Package::Engine, share, max_len, runs_in_tests }
}

const fn reader(name: &'static str, share: f64, max_len: usize, runs_in_tests: u64) -> Target {
    Target { name, package: Package::Readers, share, max_len, runs_in_tests }
}

/// The target of a name.
///
/// # Errors
/// There is no target of this name; the error lists all names.
pub(super) fn find(name: &str) -> Result<&'static Target, String> {
    TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        format!("there is no target {name}, only {}", names.join(", "))
    })
}
