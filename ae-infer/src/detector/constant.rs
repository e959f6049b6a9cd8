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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstantChannels<const C: usize> {
    windows: u8,
    /// Of each channel the windows that follow each other in which it did not change; `None` of one
    /// that is passed over.
    runs: [Option<u8>; C],
}

impl<const C: usize> ConstantChannels<C> {
    /// A channel is stuck that does not change in `windows` windows that follow each other, each by
    /// itself and from the one to the next; 0 counts as 1.
    #[must_use]
    pub const fn after(windows: u8) -> Self {
        let windows = if windows == 0 { 1 } else { windows };
        Self { windows, runs: [Some(0); C] }
    }

    /// The same without a channel.
    #[must_use]
    pub fn but(mut self, channel: usize) -> Self {
        if let Some(run) = self.runs.get_mut(channel) {
            *run = None;
        }
        self
    }

    /// The first channel that is stuck.
    #[must_use]
    pub fn stuck(&self) -> Option<usize> {
        self.runs.iter().position(|run| run.is_some_and(|run| run >= self.windows))
    }
}

/// Whether a channel has one value in all of a window.
fn is_constant(seen: &Seen<'_>, channel: usize) -> bool {
    let mut values = seen.codes.iter().skip(channel).step_by(seen.channels.max(1));
    let first = values.next();
    first.is_some() && values.all(|value| Some(value) == first)
}

impl<const C: usize> Companion for ConstantChannels<C> {
    fn see(&mut self, seen: &Seen<'_>) {
        for (channel, run) in self.runs.iter_mut().enumerate().take(seen.channels) {
            let Some(run) = run else { continue };
            let before = if seen.is_first { 0 } else { *run };
            *run = if is_constant(seen, channel) { before.saturating_add(1) } else { 0 };
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
