//! Thresholds of the groups that a detector was calibrated on.

use crate::error::DetectionError;

/// The threshold that each of the maker's groups, such as people or machines, would have had alone:
/// the `⌈(n + 1)(1 − α)⌉`-th smallest of the group's own n scores. A u64 of 8 little-endian bytes
/// each, in rising order; none where the blob says nothing of groups.
///
/// ```
/// use ae_core::GroupThresholds;
///
/// let bytes: Vec<u8> = [300_u64, 310, 340, 900].iter().flat_map(|it| it.to_le_bytes()).collect();
/// let groups = GroupThresholds(&bytes);
/// assert_eq!(groups.len(), 4);
/// // One group in five may need a higher one, or two in five; of four groups none says more.
/// assert_eq!(groups.bound(200_000), Some(900));
/// assert_eq!(groups.bound(400_000), Some(340));
/// assert_eq!(groups.bound(199_999), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupThresholds<'a>(pub &'a [u8]);

const MILLION: u32 = 1_000_000;

impl<'a> GroupThresholds<'a> {
    /// Of no groups.
    pub const NONE: Self = Self(&[]);
    /// Groups at least, where there are any: one alone says nothing of how they differ.
    pub const MIN: usize = 2;
    /// Groups at most.
    pub const MAX: usize = 64;
    /// Bytes of a threshold.
    const LEN: usize = 8;

    /// Number of groups.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len() / Self::LEN
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The thresholds in rising order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + use<'a> {
        self.0.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// A threshold for a group that is not among them: of G thresholds the `⌈(G + 1)(1 − β)⌉`-th
    /// smallest, with β in parts per million. `None` where β is none of 1 to 999,999, or G is less
    /// than `(1 − β) / β`.
    ///
    /// A new group that is exchangeable with these would itself have a higher one with a probability
    /// of at most β. So one of its windows, exchangeable with others of its own, exceeds this one with
    /// a probability of at most α + β.
    #[must_use]
    pub fn bound(&self, group_ppm: u32) -> Option<u64> {
        if group_ppm == 0 || group_ppm >= MILLION {
            return None;
        }
        let kept = u64::from(MILLION.saturating_sub(group_ppm));
        let wanted = (self.len() as u64).saturating_add(1).saturating_mul(kept);
        // By addition: small cores have no division.
        let mut reached = 0_u64;
        self.iter().find(|_| {
            reached = reached.saturating_add(MILLION.into());
            reached >= wanted
        })
    }

    pub(super) fn check(&self) -> Result<(), DetectionError> {
        if self.is_empty() {
            return Ok(());
        }
        let found = self.0.len();
        let is_whole = self.len().saturating_mul(Self::LEN) == found;
        if !is_whole || !(Self::MIN..=Self::MAX).contains(&self.len()) {
            return Err(DetectionError::Groups { found });
        }
        let mut before = 0;
        for (group, threshold) in self.iter().enumerate() {
            if threshold < before {
                return Err(DetectionError::GroupOrder { group });
            }
            before = threshold;
        }
        Ok(())
    }
}
