//! A threshold for a machine or person that is none of those at the desk.

use ae_core::Detection;

use super::{CalibrationError, MILLION};
use crate::detector::{Companion, Seen, Threshold};

/// The threshold that holds for a new group, by what the blob says of its maker's groups: see
/// [`ae_core::GroupThresholds::bound`]. It is there at once, and takes the place of the blob's.
///
/// Behind a [`Calibration`](crate::Calibration) it holds until that has found one, and with
/// [`at_least_blob`](crate::Calibration::at_least_blob) also where it is higher:
///
/// ```
/// use ae_infer::{Calibration, Companion, GroupThreshold, Threshold, calibration_len};
///
/// ae_infer::include_model!(
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.groups.int8.aeb")
/// );
///
/// // Of its four groups one in five may need a higher one.
/// let detection = tiny::load()?.model().detection()?.expect("a detector");
/// let groups = GroupThreshold::new(&detection, 200_000)?;
/// assert_eq!(Companion::threshold(&groups), Threshold::Groups(1_500_000));
///
/// const KEPT: usize = calibration_len(1, 500_000);
/// let mut both = (Calibration::<KEPT>::new(1, 500_000)?, groups);
/// assert_eq!(both.threshold(), Threshold::Groups(1_500_000));
/// both.0.take(1_200_000);
/// assert_eq!(both.threshold(), Threshold::Own(1_200_000));
/// let both = (both.0.at_least_blob(), groups);
/// assert_eq!(both.threshold(), Threshold::Groups(1_500_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupThreshold(u64);

impl GroupThreshold {
    /// The threshold, where a share of groups in parts per million may need a higher one.
    ///
    /// # Errors
    /// The share is not in 1 to 999,999, or the blob says it of too few groups.
    pub fn new(detection: &Detection<'_>, group_ppm: u32) -> Result<Self, CalibrationError> {
        if group_ppm == 0 || u64::from(group_ppm) >= MILLION {
            return Err(CalibrationError::AlarmRate { found: group_ppm });
        }
        let found = detection.groups.len();
        let too_few = CalibrationError::TooFewGroups { group_ppm, found };
        detection.groups.bound(group_ppm).map(Self).ok_or(too_few)
    }

    /// The threshold.
    #[must_use]
    pub const fn threshold(&self) -> u64 {
        self.0
    }
}

impl Companion for GroupThreshold {
    fn threshold(&self) -> Threshold {
        Threshold::Groups(self.0)
    }

    fn see(&mut self, _seen: &Seen<'_>) {}
}
