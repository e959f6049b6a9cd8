use log::{LevelFilter, Log, Metadata, Record};

/// Events from which level on are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What may fail later.
    Warn,
    /// What each query and executor does.
    Info,
    /// For whoever works on this program.
    Debug,
    /// Everything.
    Trace,
}

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
pub fn log_to_stderr(level: LogLevel) {
    static STDERR: Stderr = Stderr;
    // The error says that a logger is there already, which is this one.
    let _ = log::set_logger(&STDERR);
    log::set_max_level(match level {
        LogLevel::Off => LevelFilter::Off,
        LogLevel::Error => LevelFilter::Error,
        LogLevel::Warn => LevelFilter::Warn,
        LogLevel::Info => LevelFilter::Info,
        LogLevel::Debug => LevelFilter::Debug,
        LogLevel::Trace => LevelFilter::Trace,
    });
}
