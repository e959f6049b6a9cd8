//! How sure a rate is: the beta law, and the interval of Clopper and Pearson.

/// Least value of a continued fraction's parts, so that none is divided by zero.
const TINY: f64 = 1e-300;

/// The law Beta(a, b) of a rate; `a` and `b` are above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    /// The rate's own side: the larger, the higher the rate.
    pub a: f64,
    /// The other side.
    pub b: f64,
}

impl Beta {
    /// The mean rate.
    pub fn mean(&self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// The variance of the rate.
    pub fn variance(&self) -> f64 {
        let sum = self.a + self.b;
        self.a * self.b / (sum * sum * (sum + 1.0))
    }

    /// The probability of a rate of at most `rate`: the regularised incomplete beta function,
    /// by the continued fraction 26.5.8 of Abramowitz and Stegun with W. J. Lentz's evaluation. It
    /// takes as many terms as it needs, which grow with the square root of `a` and `b`; the
    /// functions in crates stop at a fixed number and are wrong for many windows.
    pub fn cdf(&self, rate: f64) -> f64 {
        let Self { a, b } = *self;
        if rate <= 0.0 {
            0.0
        } else if rate >= 1.0 {
            1.0
        } else if rate <= (a + 1.0) / (a + b + 2.0) {
            self.tail(rate)
        } else {
            // The fraction converges fast only below the mean.
            1.0 - Self { a: b, b: a }.tail(1.0 - rate)
        }
    }

    fn tail(&self, x: f64) -> f64 {
        let Self { a, b } = *self;
        let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        let front = (a * x.ln() + b * (-x).ln_1p() - ln_beta).exp() / a;
        let step = |numerator: f64, part: f64| {
            let part = 1.0 + numerator * part;
            if part.abs() < TINY { TINY } else { part }
        };
        let mut c = 1.0;
        let mut d = 1.0 / step(-(a + b) * x / (a + 1.0), 1.0);
        let mut fraction = d;
        let most = 100.0 + 10.0 * a.max(b).sqrt();
        let mut m = 1.0;
        while m < most {
            let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
            d = 1.0 / step(even, d);
            c = step(even, 1.0 / c);
            fraction *= d * c;
            let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
            d = 1.0 / step(odd, d);
            c = step(odd, 1.0 / c);
            fraction *= d * c;
            if (d * c - 1.0).abs() < f64::EPSILON {
                break;
            }
            m += 1.0;
        }
        (front * fraction).min(1.0)
    }

    /// The rate that is not exceeded with a probability of `share`, by bisection to the last bit.
    pub fn quantile(&self, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        loop {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                return high;
            }
            if self.cdf(middle) < share {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}

/// A rate that was counted, and where it may really lie.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Proportion {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub of: usize,
    /// The share; 0 of none.
    pub rate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Proportion {
    /// `hits` of `of`, with the exact interval that holds the true rate in at least `confidence`
    /// of all cases, if each of the `of` is independent of the others: C. J. Clopper, E. S.
    /// Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934) 404–413. Of none it
    /// is 0 to 1.
    ///
    /// `hits` above `of` counts as `of`.
    ///
    /// ```
    /// use ae_detect::interval::Proportion;
    ///
    /// let none_of_ten = Proportion::new(0, 10, 0.95);
    /// assert_eq!(none_of_ten.low, 0.0);
    /// assert!((none_of_ten.high - 0.30850).abs() < 1e-5);
    /// ```
    pub fn new(hits: usize, of: usize, confidence: f64) -> Self {
        let hits = hits.min(of);
        let beyond = (1.0 - confidence) / 2.0;
        let (yes, no) = (hits as f64, (of - hits) as f64);
        let low = if hits == 0 { 0.0 } else { Beta { a: yes, b: no + 1.0 }.quantile(beyond) };
        let high =
            if hits == of { 1.0 } else { Beta { a: yes + 1.0, b: no }.quantile(1.0 - beyond) };
        let rate = if of == 0 { 0.0 } else { yes / of as f64 };
        Self { hits, of, rate, low, high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(X ≥ k) of n draws with the chance p each, term by term.
    fn at_least(k: u32, n: u32, p: f64) -> f64 {
        let term = |i: u32| {
            let ways: f64 = (0..i).map(|j| f64::from(n - j) / f64::from(j + 1)).product();
            ways * p.powi(i as i32) * (1.0 - p).powi((n - i) as i32)
        };
        (k..=n).map(term).sum()
    }

    #[test]
    fn cdf_is_the_binomial_tail() {
        for n in [1, 2, 7, 30, 100] {
            for k in 1..=n {
                for p in [1e-6, 0.01, 0.2, 0.5, 0.77, 0.999] {
                    let cdf = Beta { a: f64::from(k), b: f64::from(n - k + 1) }.cdf(p);
                    let exact = at_least(k, n, p);
                    assert!((cdf - exact).abs() < 1e-12, "{k} of {n} at {p}: {cdf} {exact}");
                }
            }
        }
    }

    #[test]
    fn closed_forms() {
        // The interval of no hit ends at 1 − 0.025^(1/n).
        for n in [1, 10, 1000] {
            let expected = 1.0 - 0.025f64.powf(1.0 / n as f64);
            let none = Proportion::new(0, n, 0.95);
            assert!((none.high - expected).abs() < 1e-12, "{n}");
            // And by symmetry.
            let all = Proportion::new(n, n, 0.95);
            assert!((all.low - (1.0 - expected)).abs() < 1e-12);
            assert_eq!((none.low, all.high), (0.0, 1.0));
        }
        assert!((Beta { a: 1.0, b: 1.0 }.quantile(0.3) - 0.3).abs() < 1e-15);
        let nothing = Proportion::new(0, 0, 0.95);
        assert_eq!((nothing.rate, nothing.low, nothing.high), (0.0, 0.0, 1.0));
        assert_eq!(Proportion::new(9, 5, 0.95).rate, 1.0);
    }

    #[test]
    fn interval_is_where_the_tails_are_just_large_enough() {
        for (hits, of) in [(1, 20), (7, 50), (99, 100), (50, 100)] {
            let found = Proportion::new(hits, of, 0.95);
            let (hits, of) = (hits as u32, of as u32);
            assert!((at_least(hits, of, found.low) - 0.025).abs() < 1e-12);
            assert!((1.0 - at_least(hits + 1, of, found.high) - 0.025).abs() < 1e-12);
        }
    }

    #[test]
    fn many_windows_are_as_exact() {
        // mpmath: betainc(a, b, 0, x, regularized=True) at 50 digits.
        for (a, b, x, expected) in LARGE {
            let cdf = Beta { a, b }.cdf(x);
            assert!((cdf - expected).abs() < 1e-8, "{a} {b} {x}: {cdf} {expected}");
            assert!((Beta { a, b }.quantile(expected) - x).abs() < 1e-8 * x);
        }
    }

    const LARGE: [(f64, f64, f64, f64); 4] = [
        (50_000.0, 50_000.0, 0.501, 0.73645506170296),
        (500_000.0, 500_001.0, 0.4995, 0.15889722453496),
        (1_000.0, 999_001.0, 0.00105, 0.9414248386932),
        (999_000.0, 1_001.0, 0.99895, 0.062334597131321),
    ];

    #[test]
    fn moments() {
        let law = Beta { a: 2.0, b: 6.0 };
        assert_eq!((law.mean(), law.variance()), (0.25, 12.0 / (64.0 * 9.0)));
    }
}
