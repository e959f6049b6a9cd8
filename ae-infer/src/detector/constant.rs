//! Channels that do not change.

use super::companion::{Companion, Findings, Seen};

/// Finds a channel whose codes have not changed within any of the last few windows: a sensor that is
/// stuck, or a wire that is off. `C` is the number of channels that are looked at, the first ones.
///
/// It looks at codes, so a value that moves by less than a code is taken for constant. A channel that
/// rests for long in normal use is to be [passed over](Self::but). Nothing here depends on a
/// calibration.
///
/// ```
/// use ae_infer::ConstantChannels;
///
/// // Of six channels the third rests for hours; the others are stuck after eight windows.
/// let constant = ConstantChannels::<6>::after(8).but(2);
/// assert_eq!(constant.stuck(), None);
/// ```
pub type ConstantChannels<const C: usize> = ConstantChannelsIn<[u16; C]>;

/// [`ConstantChannels`] that count in `R`: an array, or memory of another owner, with an element for
/// each channel that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstantChannelsIn<R> {
    windows: u8,
    /// Of each channel the windows that follow each other in which it did not change, of 8 bits, or
    /// [`PASSED_OVER`].
    runs: R,
}

/// In place of a count of windows.
const PASSED_OVER: u16 = u16::MAX;

impl<const C: usize> ConstantChannelsIn<[u16; C]> {
    /// A channel is stuck that changes within none of `windows` windows that follow each other; 0 counts
    /// as 1. From one of them to the next it may change.
    #[must_use]
    pub const fn after(windows: u8) -> Self {
        Self { windows: at_least_one(windows), runs: [0; C] }
    }
}

const fn at_least_one(windows: u8) -> u8 {
    if windows == 0 { 1 } else { windows }
}

impl<R: AsRef<[u16]> + AsMut<[u16]>> ConstantChannelsIn<R> {
    /// As [`after`](Self::after), with the memory to count in. What is in it does not matter.
    #[must_use]
    pub fn within(windows: u8, mut runs: R) -> Self {
        runs.as_mut().fill(0);
        Self { windows: at_least_one(windows), runs }
    }

    /// The same without a channel.
    #[must_use]
    pub fn but(mut self, channel: usize) -> Self {
        self.pass_over(channel);
        self
    }

    /// Looks at a channel no more.
    pub fn pass_over(&mut self, channel: usize) {
        if let Some(run) = self.runs.as_mut().get_mut(channel) {
            *run = PASSED_OVER;
        }
    }

    /// The first channel that is stuck.
    #[must_use]
    pub fn stuck(&self) -> Option<usize> {
        let is_stuck = |&run: &u16| run != PASSED_OVER && run >= self.windows.into();
        self.runs.as_ref().iter().position(is_stuck)
    }
}

/// Whether a channel has one value in all of a window.
fn is_constant(seen: &Seen<'_>, channel: usize) -> bool {
    let mut values = seen.codes.iter().skip(channel).step_by(seen.channels.max(1));
    let first = values.next();
    first.is_some() && values.all(|value| Some(value) == first)
}

impl<R: AsRef<[u16]> + AsMut<[u16]>> Companion for ConstantChannelsIn<R> {
    fn see(&mut self, seen: &Seen<'_>) {
        for (channel, run) in self.runs.as_mut().iter_mut().enumerate().take(seen.channels) {
            if *run == PASSED_OVER {
                continue;
            }
            let before = if seen.is_first { 0 } else { *run };
            let longer = before.saturating_add(1).min(u8::MAX.into());
            *run = if is_constant(seen, channel) { longer } else { 0 };
        }
    }

    fn find(&self, findings: &mut Findings) {
        findings.constant = findings.constant.or(self.stuck());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn see<const C: usize>(
        of: &mut ConstantChannels<C>,
        codes: &[u8],
        channels: usize,
        is_first: bool,
    ) -> Option<usize> {
        of.see(&Seen { score: 0, codes, channels, is_apart: true, is_first });
        let mut findings = Findings::default();
        of.find(&mut findings);
        assert_eq!(findings, Findings { constant: of.stuck(), ..Findings::default() });
        findings.constant
    }

    #[test]
    fn a_channel_that_rests_for_so_many_windows_is_stuck() {
        let mut of = ConstantChannels::<3>::after(2);
        // The second channel rests, then the third too.
        assert_eq!(see(&mut of, &[1, 7, 0, 2, 7, 1], 3, true), None);
        assert_eq!(see(&mut of, &[1, 7, 4, 2, 7, 4], 3, false), Some(1));
        assert_eq!(see(&mut of, &[1, 7, 4, 2, 8, 4], 3, false), Some(2));
        assert_eq!(see(&mut of, &[1, 8, 4, 2, 8, 5], 3, false), None);
        // A signal that was interrupted begins anew.
        assert_eq!(see(&mut of, &[1, 8, 4, 2, 8, 5], 3, true), None);
        assert_eq!(see(&mut of, &[1, 8, 4, 2, 8, 5], 3, false), Some(1));
        let mut but = ConstantChannels::<3>::after(0).but(1).but(9);
        assert_eq!(see(&mut but, &[1, 7, 0, 2, 7, 1], 3, true), None);
        assert_eq!(see(&mut but, &[1, 7, 1, 2, 7, 1], 3, false), Some(2));
        // More channels than there are, and fewer.
        assert_eq!(see(&mut ConstantChannels::<4>::after(1), &[1, 2], 1, true), None);
        assert_eq!(see(&mut ConstantChannels::<1>::after(1), &[1, 5, 2, 5], 2, true), None);
        assert_eq!(see(&mut ConstantChannels::<0>::after(1), &[5, 5], 1, true), None);
        let mut long = ConstantChannels::<1>::after(255);
        assert!((0..600).filter_map(|_| see(&mut long, &[5, 5], 1, false)).count() == 600 - 254);
    }
}
