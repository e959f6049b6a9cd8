//! Which package may depend on which.

/// A package, and the packages of this repository that it may depend on. It may depend on what
/// those may depend on as well.
pub(super) type Row = (&'static str, &'static [&'static str]);

/// Every package of the repository, the lowest first. Dependencies of tests alone are left out.
pub(super) const TABLE: &[Row] = &[
    // What runs on boards.
    ("ae-core", &[]),
    ("ae-infer", &["ae-core"]),
    ("ae-protocol", &["ae-core"]),
    ("ae-signature", &["ae-core"]),
    ("ae-store", &["ae-core"]),
    ("ae-update", &["ae-infer", "ae-protocol", "ae-signature", "ae-store"]),
    ("ae-c", &["ae-infer", "ae-signature"]),
    // The library, on a host.
    ("ae-files", &[]),
    ("ae-data", &["ae-files", "ae-infer"]),
    ("ae-export", &["ae-core"]),
    ("ae-features", &["ae-data"]),
    ("ae-model", &["ae-files", "ae-infer"]),
    ("ae-engine", &["ae-data", "ae-model"]),
    ("ae-pca", &["ae-data", "ae-model"]),
    ("ae-quantize", &["ae-data", "ae-model"]),
    ("ae-import", &["ae-engine", "ae-quantize"]),
    ("ae-detect", &["ae-engine", "ae-features"]),
    ("ae-run", &["ae-features", "ae-pca", "ae-quantize"]),
    ("ae-boards", &["ae-detect", "ae-protocol", "ae-signature"]),
    ("ae-report", &["ae-detect", "ae-run"]),
    ("ae-train", &["ae-detect", "ae-run"]),
    ("ae-train-cli", &["ae-boards", "ae-export", "ae-import", "ae-report", "ae-train"]),
    // The repository's own checks and tools.
    ("ae-testkit", &[]),
    ("ae-conformance", &["ae-infer", "ae-testkit"]),
    ("ae-counter", &[]),
    ("ae-fuzz", &["ae-c", "ae-store", "ae-testkit"]),
    ("ae-fuzz-readers", &["ae-boards", "ae-fuzz", "ae-import", "ae-run"]),
    ("ae-tests", &["ae-boards", "ae-report", "ae-testkit", "ae-train"]),
    ("xtask", &["ae-boards", "ae-conformance", "ae-export", "ae-testkit"]),
    // Archives, in a workspace of their own.
    ("ae-fleet-functions", &["ae-infer"]),
    ("ae-fleet-cluster", &["ae-fleet-functions"]),
    ("ae-fleet", &["ae-files", "ae-fleet-cluster"]),
    // Firmware.
    ("ae-firmware", &["ae-conformance", "ae-update"]),
    ("ae-sampling", &["ae-infer"]),
    ("ae-footprint", &["ae-infer", "ae-update"]),
    ("ae-c-library", &["ae-c"]),
    ("ae-emulated", &["ae-firmware"]),
    ("ae-arm-board", &["ae-firmware"]),
    ("ae-esp32-c3", &["ae-firmware"]),
    ("ae-nrf52840-dk", &["ae-arm-board"]),
    ("ae-pico2", &["ae-arm-board"]),
    ("ae-stm32f405", &["ae-arm-board"]),
];

/// A crate from elsewhere, whose relatives `NAME-…` and `NAME_…` count as it, and the packages that
/// alone may depend on it.
pub(super) const RESERVED: &[Row] = &[
    ("burn", &["ae-train"]),
    ("ballista", &["ae-fleet-cluster"]),
    ("clap", &["ae-fleet", "ae-fleet-cluster", "ae-train-cli", "xtask"]),
    ("datafusion", &["ae-fleet", "ae-fleet-cluster", "ae-fleet-functions"]),
    ("indicatif", &["ae-fleet", "ae-train-cli"]),
    ("serialport", &["ae-boards"]),
];
