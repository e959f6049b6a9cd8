//! The last samples of a signal, in the order that the model takes them.

/// One window, filled sample by sample. What the next window shares with it moves to the front when
/// the next sample comes, so a whole window stays where it is until then.
#[derive(Debug)]
pub(super) struct Window<'m> {
    /// One for each value, sample after sample.
    codes: &'m mut [u8],
    /// Codes of a sample.
    channels: usize,
    /// Codes that are there.
    filled: usize,
    /// Codes by which the window moves on; at most all.
    moved: usize,
    /// Samples between two windows that belong to none.
    gap: u32,
    /// Samples still to be left out.
    left_out: u32,
}

impl<'m> Window<'m> {
    /// `codes` has `window · channels` bytes; `stride` is at least 1.
    pub(super) fn new(codes: &'m mut [u8], channels: usize, window: u32, stride: u32) -> Self {
        let moved = channels.saturating_mul(stride.min(window) as usize);
        let gap = stride.saturating_sub(window);
        Self { codes, channels, filled: 0, moved, gap, left_out: 0 }
    }

    pub(super) fn reset(&mut self) {
        (self.filled, self.left_out) = (0, 0);
    }

    pub(super) fn codes(&self) -> &[u8] {
        self.codes
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == self.codes.len()
    }

    /// Where the next sample's codes go; `None` if it lies between two windows.
    pub(super) fn next_sample(&mut self) -> Option<&mut [u8]> {
        if self.is_full() {
            self.move_on();
        }
        if let Some(left) = self.left_out.checked_sub(1) {
            self.left_out = left;
            return None;
        }
        let start = self.filled;
        self.filled = start.saturating_add(self.channels);
        self.codes.get_mut(start..self.filled)
    }

    fn move_on(&mut self) {
        let kept = self.codes.len().saturating_sub(self.moved);
        for to in 0..kept {
            let from = self.codes.get(to.wrapping_add(self.moved)).copied();
            if let (Some(place), Some(code)) = (self.codes.get_mut(to), from) {
                *place = code;
            }
        }
        (self.filled, self.left_out) = (kept, self.gap);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::Window;

    /// The windows of the samples 0, 1, 2, … of one channel.
    fn windows(window: u32, stride: u32, samples: u8) -> Vec<Vec<u8>> {
        let mut codes = std::vec![0; window as usize];
        let mut filling = Window::new(&mut codes, 1, window, stride);
        let mut whole = Vec::new();
        for sample in 0..samples {
            if let Some(place) = filling.next_sample() {
                place.fill(sample);
                if filling.is_full() {
                    whole.push(filling.codes().to_vec());
                }
            }
        }
        whole
    }

    #[test]
    fn windows_overlap_touch_or_leave_gaps() {
        for window in 1..6 {
            for stride in 1..9 {
                let found = windows(window, stride, 40);
                let starts = (0_u8..).step_by(stride as usize);
                let expected = starts.map(|start| (start..start + window as u8).collect());
                let expected: Vec<Vec<u8>> = expected.take(found.len()).collect();
                assert_eq!(found, expected, "{window} every {stride}");
                assert_eq!(found.len(), (40 - window as usize) / stride as usize + 1);
            }
        }
    }

    #[test]
    fn a_sample_has_all_channels() {
        let mut codes = [0; 6];
        let mut window = Window::new(&mut codes, 3, 2, 1);
        for sample in 1..4 {
            window.next_sample().unwrap().copy_from_slice(&[sample, sample + 10, sample + 20]);
        }
        assert_eq!(window.codes(), [2, 12, 22, 3, 13, 23]);
        window.reset();
        assert_eq!(window.next_sample().unwrap().len(), 3);
        assert!(!window.is_full());
    }
}
