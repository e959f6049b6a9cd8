//! How much memory reading may take.

use std::cell::Cell;
use std::fmt;

use super::FileError;

/// Bytes that reading takes for each value of four bytes that is kept: the value, and twice as much
/// while recordings are cut and a growing buffer moves.
pub(super) const BYTES_PER_VALUE: u64 = 12;

/// Bytes for each recording: its entry, its place, its place in the heap.
pub(super) const BYTES_PER_RECORDING: u64 = 192;

/// What may still be taken, of all files that are read together.
#[derive(Debug)]
pub(super) struct Budget {
    limit: u64,
    used: Cell<u64>,
    /// Bytes of the file at hand that have been read, and that it has, where that is known.
    progress: Cell<(u64, u64)>,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, used: Cell::new(0), progress: Cell::new((0, 0)) }
    }

    /// Takes memory, before it is asked for.
    pub(super) fn take(&self, bytes: u64) -> Result<(), FileError> {
        let used = self.used.get().saturating_add(bytes);
        if used > self.limit {
            let (needed, is_least) = self.whole(used);
            return Err(FileError::TooLarge { needed, is_least, limit: self.limit });
        }
        self.used.set(used);
        Ok(())
    }

    /// Takes memory for values that are kept.
    pub(super) fn take_values(&self, values: u64) -> Result<(), FileError> {
        self.take(values.saturating_mul(BYTES_PER_VALUE))
    }

    /// The same of a file that says how many there are.
    pub(super) fn take_exactly(&self, values: u64) -> Result<(), FileError> {
        self.progress.set((0, 0));
        self.take_values(values)
    }

    /// Bytes that may still be taken.
    pub(super) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used.get())
    }

    /// Gives back what only lasted for a while.
    pub(super) fn give_back(&self, bytes: u64) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    /// Begins a file of so many bytes, 0 where that is not known.
    pub(super) fn begin(&self, len: u64) {
        self.progress.set((0, len));
    }

    /// So many more bytes of the file were read.
    pub(super) fn progress(&self, bytes: usize) {
        let (read, len) = self.progress.get();
        self.progress.set((read + bytes as u64, len));
    }

    /// What the whole file takes, if its rest is like its beginning; and whether it may be more,
    /// because all of a packed file has been read and not yet unpacked.
    fn whole(&self, used: u64) -> (u64, bool) {
        let (read, len) = self.progress.get();
        if read == 0 || len <= read {
            return (used, read > 0);
        }
        let whole = u128::from(used) * u128::from(len) / u128::from(read);
        (whole.try_into().unwrap_or(u64::MAX), false)
    }
}

/// Bytes in the unit that fits.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, units) = (self.0 as f64, [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]);
        match units.into_iter().find(|(unit, _)| bytes >= *unit) {
            Some((unit, name)) => write!(f, "{:.1} {name}", bytes / unit),
            None => write!(f, "{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_with_both_figures() {
        let budget = Budget::new(1_000_000);
        budget.take(600_000).unwrap();
        budget.give_back(100_000);
        budget.take(500_000).unwrap();
        let message = budget.take(1).unwrap_err().to_string();
        assert!(message.contains("1.0 MB"), "{message}");
        // A quarter was read, so the whole takes four times as much.
        budget.begin(400);
        budget.progress(100);
        let message = budget.take_values(100_000).unwrap_err().to_string();
        for words in ["about 8.8 MB", "the limit is 1.0 MB"] {
            assert!(message.contains(words), "{message}");
        }
        budget.progress(300);
        let message = budget.take_values(100_000).unwrap_err().to_string();
        assert!(message.contains("takes at least 2.2 MB"), "{message}");
        assert!(budget.take_values(u64::MAX).is_err());
    }
}
