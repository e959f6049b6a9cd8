//! How much of what a processor can multiply and add in f32, without fusing the two, models reach on one
//! thread.

use std::collections::BTreeMap;
use std::time::Duration;

use ae_infer::bulk;

use super::host::best_rate;

#[derive(Debug, Default)]
pub(super) struct Roofline {
    /// Multiply-adds a second in registers alone: the best of all rounds.
    peak: Option<f64>,
    /// Of a sample, by the name of what computes it.
    multiply_adds: BTreeMap<String, u64>,
}

impl Roofline {
    /// Measures the peak again.
    pub(super) fn measure(&mut self) {
        const ROUNDS: u32 = 1 << 16;
        let limit = Duration::from_millis(50);
        let Some(count) = bulk::unfused_peak(ROUNDS) else { return };
        let work = || bulk::unfused_peak(ROUNDS).map(|_| ()).ok_or(());
        let rate = best_rate(limit, count as usize, work).ok();
        self.peak = self.peak.into_iter().chain(rate).max_by(f64::total_cmp);
    }

    /// The multiply-adds of one sample.
    pub(super) fn add(&mut self, name: &str, multiply_adds: u64) {
        self.multiply_adds.insert(name.into(), multiply_adds);
    }

    /// A line for each model, of whose name `rate` gives samples a second.
    pub(super) fn text(&self, rate: impl Fn(&str) -> Option<f64>) -> String {
        let Some(peak) = self.peak else { return String::new() };
        let mut text = String::new();
        for (name, &multiply_adds) in &self.multiply_adds {
            if let Some(rate) = rate(name) {
                let share = rate * multiply_adds as f64 / peak;
                text += &format!("{name}, 1 thread: {share:.2} of the unfused roofline\n");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Roofline;

    #[test]
    fn the_share_is_that_of_the_peak() {
        let mut roofline = Roofline::default();
        roofline.add("f32 bulk", 1000);
        roofline.add("f32 gelu bulk", 1000);
        let rate = |name: &str| (name == "f32 bulk").then_some(100.0);
        assert_eq!(roofline.text(rate), "");
        roofline.peak = Some(200_000.0);
        assert_eq!(roofline.text(rate), "f32 bulk, 1 thread: 0.50 of the unfused roofline\n");
    }
}
