//! How much memory a process has taken.

use std::fs;

/// The most memory that this process has had and has reserved, as Linux tells it; elsewhere 0.
pub(crate) fn peak_kilobytes() -> [usize; 2] {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ["VmHWM:", "VmPeak:"].map(|key| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse().unwrap())
    })
}
