//! How well scores tell abnormal windows from normal ones, over all thresholds.

/// The scores of normal and abnormal windows as a receiver operating characteristic.
///
/// A window is taken for abnormal where its score is above the threshold, so each distinct score
/// is one threshold. All counts are exact; a fraction is made at the very end.
///
/// ```
/// use ae_detect::roc::Roc;
///
/// let roc = Roc::new(&[1, 2, 3], &[3, 4]).unwrap();
/// // Of six pairs five are in order and one is a tie, which counts half.
/// assert_eq!(roc.auroc(), 5.5 / 6.0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roc {
    /// From (0, 0) to the counts of all windows, ascending.
    points: Vec<RocPoint>,
}

/// How many windows lie above one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RocPoint {
    /// Normal windows above it: false alarms.
    pub normal: usize,
    /// Abnormal windows above it: detections.
    pub abnormal: usize,
}

impl Roc {
    /// Of scores in any order; `None` if there is no normal or no abnormal one.
    pub fn new(normal: &[u64], abnormal: &[u64]) -> Option<Self> {
        if normal.is_empty() || abnormal.is_empty() {
            return None;
        }
        let normal = normal.iter().map(|&score| (score, false));
        let mut scores: Vec<(u64, bool)> =
            normal.chain(abnormal.iter().map(|&score| (score, true))).collect();
        scores.sort_unstable_by(|a, b| b.cmp(a));

        let mut above = RocPoint { normal: 0, abnormal: 0 };
        let mut points = vec![above];
        // Equal scores pass a threshold together.
        for tied in scores.chunk_by(|a, b| a.0 == b.0) {
            let abnormal = tied.iter().filter(|(_, abnormal)| *abnormal).count();
            above.abnormal += abnormal;
            above.normal += tied.len() - abnormal;
            points.push(above);
        }
        Some(Self { points })
    }

    /// The corners of the curve, from (0, 0) to the counts of all windows.
    pub fn points(&self) -> &[RocPoint] {
        &self.points
    }

    /// The corners as `[false alarm rate, detection rate]`, with those left out that lie on the
    /// straight line between their neighbours, so that nothing of the curve is lost.
    pub fn curve(&self) -> Vec<[f64; 2]> {
        let all = self.all();
        let mut corners: Vec<RocPoint> = Vec::new();
        for &point in &self.points {
            while let [.., before, last] = corners[..] {
                if !on_a_line(before, last, point) {
                    break;
                }
                corners.pop();
            }
            corners.push(point);
        }
        let rates = |point: RocPoint| {
            [point.normal as f64 / all.normal as f64, point.abnormal as f64 / all.abnormal as f64]
        };
        corners.into_iter().map(rates).collect()
    }

    /// Area under the curve: the share of pairs of an abnormal and a normal window in which the
    /// abnormal one has the higher score, ties counted half (the Mann–Whitney statistic). 0.5 is
    /// chance, 1 perfect.
    pub fn auroc(&self) -> f64 {
        let all = self.all();
        let pairs = all.normal as u128 * all.abnormal as u128;
        self.twice_wins() as f64 / (2 * pairs) as f64
    }

    /// Area under the part of the curve whose false alarm rate is at most `limit` (above 0, at
    /// most 1), standardised so that 0.5 is chance and 1 perfect whatever the limit.
    ///
    /// With the area `A` from 0 to `limit`, its value by chance `limit² / 2` and its largest value
    /// `limit`, this is `(1 + (A − limit²/2) / (limit − limit²/2)) / 2`: D. K. McClish, Analyzing a
    /// portion of the ROC curve, Medical Decision Making 9 (1989) 190–195.
    pub fn partial_auroc(&self, limit: f64) -> f64 {
        let all = self.all();
        let rate = |point: &RocPoint| {
            [point.normal as f64 / all.normal as f64, point.abnormal as f64 / all.abnormal as f64]
        };
        let area: f64 = self
            .points
            .windows(2)
            .map(|pair| {
                let ([x0, y0], [x1, y1]) = (rate(&pair[0]), rate(&pair[1]));
                // The last step is cut at the limit, where the straight line has come to `y`.
                let x = x1.min(limit);
                if x <= x0 {
                    return 0.0;
                }
                let y = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
                (x - x0) * (y0 + y) / 2.0
            })
            .sum();
        let chance = limit * limit / 2.0;
        (1.0 + (area - chance) / (limit - chance)) / 2.0
    }

    /// Twice the number of pairs in which the abnormal window has the higher score, ties counted
    /// half: twice the area in unit squares, by the trapezoids between the points.
    fn twice_wins(&self) -> u128 {
        let trapezoid = |pair: &[RocPoint]| {
            let width = pair[1].normal - pair[0].normal;
            width as u128 * (pair[0].abnormal as u128 + pair[1].abnormal as u128)
        };
        self.points.windows(2).map(trapezoid).sum()
    }

    fn all(&self) -> RocPoint {
        // `new` puts one point before anything else.
        self.points[self.points.len() - 1]
    }
}

/// A number whose order among such numbers is that of `score`: for scores of float models.
///
/// The bits of a float that is not negative ascend with its value; zero of either sign gives 0.
/// NaN comes last, so that a model that breaks is never taken for a quiet one. Negative scores are
/// not in order.
pub fn float_score(score: f64) -> u64 {
    if score.is_nan() { u64::MAX } else { (score + 0.0).to_bits() }
}

fn on_a_line(a: RocPoint, b: RocPoint, c: RocPoint) -> bool {
    let right = (b.normal - a.normal) as u128 * (c.abnormal - a.abnormal) as u128;
    right == (c.normal - a.normal) as u128 * (b.abnormal - a.abnormal) as u128
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    use super::*;

    /// By the definition: every pair is looked at.
    fn twice_wins(normal: &[u64], abnormal: &[u64]) -> u128 {
        let pairs = abnormal.iter().flat_map(|a| normal.iter().map(move |n| a.cmp(n)));
        pairs.map(|order| (order as i8 + 1) as u128).sum()
    }

    #[test]
    fn equals_the_count_over_all_pairs() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        // Few values make many ties.
        for values in [1, 2, 5, 1000, u32::MAX] {
            for (n, m) in [(1, 1), (1, 9), (40, 7), (123, 77)] {
                let mut draw = |count| -> Vec<u64> {
                    (0..count).map(|_| u64::from(rng.next_u32() % values)).collect()
                };
                let (normal, abnormal) = (draw(n), draw(m));
                let roc = Roc::new(&normal, &abnormal).unwrap();
                assert_eq!(roc.twice_wins(), twice_wins(&normal, &abnormal));
                let area: f64 = roc
                    .curve()
                    .windows(2)
                    .map(|p| (p[1][0] - p[0][0]) * (p[0][1] + p[1][1]) / 2.0)
                    .sum();
                assert!((area - roc.auroc()).abs() < 1e-12, "the shortened curve has the area");
                assert!((roc.partial_auroc(1.0) - roc.auroc()).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn by_hand() {
        let roc = Roc::new(&[1, 2, 3, 4], &[3, 5]).unwrap();
        let points: Vec<_> = roc.points().iter().map(|p| (p.normal, p.abnormal)).collect();
        assert_eq!(points, [(0, 0), (0, 1), (1, 1), (2, 2), (3, 2), (4, 2)]);
        assert_eq!(roc.curve(), [[0.0, 0.0], [0.0, 0.5], [0.25, 0.5], [0.5, 1.0], [1.0, 1.0]]);
        // 4 wins and 2.5 of 4.
        assert_eq!(roc.auroc(), 6.5 / 8.0);
        // Up to 0.25 the curve is flat at one half: area 0.125, chance 0.03125.
        assert_eq!(roc.partial_auroc(0.25), (1.0 + 0.09375 / 0.21875) / 2.0);
        // Up to 0.375 a trapezoid of 0.5 and 0.75 joins it: area 0.203125, chance 0.0703125.
        assert_eq!(roc.partial_auroc(0.375), (1.0 + 0.1328125 / 0.3046875) / 2.0);
    }

    #[test]
    fn chance_and_perfection() {
        let perfect = Roc::new(&[1, 2], &[3, u64::MAX]).unwrap();
        let tied = Roc::new(&[7; 5], &[7; 3]).unwrap();
        let reversed = Roc::new(&[8, 9], &[0]).unwrap();
        for limit in [0.1, 0.5, 1.0] {
            assert_eq!(perfect.partial_auroc(limit), 1.0);
            assert!((tied.partial_auroc(limit) - 0.5).abs() < 1e-15);
        }
        assert_eq!((perfect.auroc(), tied.auroc(), reversed.auroc()), (1.0, 0.5, 0.0));
        assert!(Roc::new(&[], &[1]).is_none() && Roc::new(&[1], &[]).is_none());
    }

    #[test]
    fn float_scores_keep_their_order() {
        let ascending = [0.0, f64::MIN_POSITIVE / 8.0, 1e-300, 0.5, 1.0, 1e300, f64::INFINITY];
        assert!(ascending.map(float_score).is_sorted_by(|a, b| a < b));
        assert_eq!(float_score(-0.0), float_score(0.0));
        assert!(float_score(f64::NAN) > float_score(f64::INFINITY));
    }
}
