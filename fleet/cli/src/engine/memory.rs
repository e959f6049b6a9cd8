//! How much memory sorts and groups may take.

use std::fs;

/// 70 % of the gigabyte that a program beside others should do with.
const DEFAULT: u64 = 700_000_000;

/// What was asked for, or else the default, or 70 % of what is free where that is less.
pub(super) fn limit(asked: Option<u64>) -> u64 {
    let free = || fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(available);
    asked.unwrap_or_else(|| free().map_or(DEFAULT, |free| DEFAULT.min(free / 10 * 7)))
}

/// The bytes that Linux says are available.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_read() {
        let text = "MemTotal:       16384 kB\nMemAvailable:    1000 kB\n";
        assert_eq!(available(text), Some(1_024_000));
        assert_eq!(available("MemTotal: 1 kB"), None);
        assert_eq!(limit(Some(5)), 5);
        assert!(limit(None) <= DEFAULT);
    }
}
