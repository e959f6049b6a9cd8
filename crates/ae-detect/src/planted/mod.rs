//! Faults planted in windows of what is normal, to see what a detector notices without any label.
//!
//! People have recordings of what is normal and none of faults. A fault that is made by hand is not
//! the one that will come, but a detector that misses an offset of three spreads misses real ones
//! too. Choosing detectors so: Goswami et al., *Unsupervised Model Selection for Time-series Anomaly
//! Detection*, 2023, arXiv 2210.01078.

mod choice;
mod fault;
mod plant;
mod sensitivity;

pub use choice::{Against, Trial, cheapest_of_the_best, judge};
pub use fault::{Fault, Unit};
pub use plant::Planter;
pub use sensitivity::{FOUND_SHARE, FaultFigures, Smallest, sensitivity};

#[cfg(test)]
mod tests;
