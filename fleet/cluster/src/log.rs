use log::{LevelFilter, Log, Metadata, Record};

/// Writes what Ballista and DataFusion log to standard error, a line for each event.
struct Stderr;

impl Log for Stderr {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        eprintln!("{} {}: {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

/// Logs events of `level` and above to standard error. A second call changes the level.
pub fn log_to_stderr(level: LevelFilter) {
    static STDERR: Stderr = Stderr;
    // The error says that a logger is there already, which is this one.
    let _ = log::set_logger(&STDERR);
    log::set_max_level(level);
}
