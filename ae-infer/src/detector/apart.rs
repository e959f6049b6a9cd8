//! Which of the windows overlap no other that counts.

use ae_core::Detection;

/// Counts along: of windows every so manyth shares no sample with the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Apart {
    window: u32,
    stride: u32,
    /// Samples from the start of the last window that counted to that of the next; none before the
    /// first.
    behind: Option<u32>,
}

impl Apart {
    pub(super) fn new(detection: &Detection<'_>) -> Self {
        let (window, stride) = (detection.signal_window(), detection.signal_stride());
        Self { window, stride, behind: None }
    }

    pub(super) fn reset(&mut self) {
        self.behind = None;
    }

    /// Of the next window: whether it is apart, and whether it is the first.
    // By addition: small cores have no division.
    pub(super) fn next(&mut self) -> [bool; 2] {
        let behind = self.behind.unwrap_or(self.window);
        let is_apart = behind >= self.window;
        let is_first = self.behind.is_none();
        self.behind = Some(if is_apart { 0 } else { behind }.saturating_add(self.stride));
        [is_apart, is_first]
    }
}

#[cfg(test)]
mod tests {
    use super::Apart;

    #[test]
    fn windows_that_count_share_no_sample_and_no_more_are_left_out_than_must_be() {
        for window in 1..20_u32 {
            for stride in 1..25 {
                let mut apart = Apart { window, stride, behind: None };
                for _ in 0..2 {
                    let mut last = None;
                    for at in 0..100 {
                        let [is_apart, is_first] = apart.next();
                        assert_eq!(is_apart, at % window.div_ceil(stride) == 0);
                        assert_eq!(is_first, at == 0);
                        if is_apart {
                            assert!(last.is_none_or(|last| (at - last) * stride >= window));
                            last = Some(at);
                        }
                    }
                    apart.reset();
                }
            }
        }
        let mut slow = Apart { window: u32::MAX, stride: u32::MAX - 1, behind: None };
        assert_eq!([slow.next(), slow.next(), slow.next()].map(|[it, _]| it), [true, false, true]);
    }
}
