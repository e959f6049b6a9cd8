//! How far a window lies from the bulk of all windows.
//!
//! The bulk are the windows that resemble each other most. Its principal
//! components, and what they leave, say how far a window lies from it: the squared distance within
//! the components and the one from them, each in units of the bulk's own spread. That is the score
//! distance and the orthogonal distance of ROBPCA (Hubert, Rousseeuw, Vanden Branden, *ROBPCA: a new
//! approach to robust principal component analysis*, Technometrics 47, 2005), added up. The bulk is
//! found by steps of concentration (Rousseeuw, Van Driessen, *A fast algorithm for the minimum
//! covariance determinant estimator*, Technometrics 41, 1999): fit, keep the nearest 85 %, fit
//! again. So a few faults among the windows neither turn a component to themselves nor widen a
//! spread.
//!
//! All sums are in f64 and in the order of the windows, so every machine finds the same.

use ae_data::Images;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// Most components.
const AXES: usize = 8;

/// Windows for each component that there must be.
const WINDOWS_AN_AXIS: usize = 10;

/// Most windows that the bulk is found in, evenly among all.
const MOST: usize = 2000;

/// The share of the windows that is kept in a step of concentration.
const KEPT: f64 = 0.85;

/// Steps of concentration.
const STEPS: usize = 4;

/// Steps of the power method for the first fit, which begins anywhere, and for those that begin where
/// the one before ended.
const POWERS: [usize; 2] = [12, 3];

/// Share of the mean variance that is added to each code's, so that one that hardly varies does not
/// outweigh all others.
const FLOOR: f64 = 0.1;

/// Variance of rounding to a code.
const ROUNDING: f64 = 1.0 / 12.0;

/// The bulk of windows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bulk {
    mean: Vec<f64>,
    /// Components, of length 1 and at right angles, each with the bulk's variance along it.
    axes: Vec<(Vec<f64>, f64)>,
    /// Variance of what they leave of each code.
    left: Vec<f64>,
}

impl Bulk {
    /// The bulk of at least one window.
    pub(crate) fn of(windows: &Images) -> Self {
        let sample = windows.spread(MOST);
        let features = sample.features();
        let axes = AXES.min(features / 2).min(sample.len() / WINDOWS_AN_AXIS);
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut draw = |_| f64::from(rng.next_u32()) / 2_f64.powi(31) - 1.0;
        let mut directions: Vec<Vec<f64>> =
            (0..axes).map(|_| (0..features).map(&mut draw).collect()).collect();
        let all: Vec<&[u8]> = sample.iter().collect();
        let mut bulk = Self::fit(&all, &mut directions, POWERS[0]);
        for _ in 0..STEPS {
            let distances: Vec<f64> = all.par_iter().map(|window| bulk.distance(window)).collect();
            let mut sorted = distances.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let last = sorted[(KEPT * (sorted.len() - 1) as f64) as usize];
            let near = all.iter().zip(&distances).filter(|&(_, &distance)| distance <= last);
            let near: Vec<&[u8]> = near.map(|(&window, _)| window).collect();
            bulk = Self::fit(&near, &mut directions, POWERS[1]);
        }
        bulk
    }

    /// Components and spreads of all `windows`; `directions` are where the search begins, and where it
    /// ends.
    fn fit(windows: &[&[u8]], directions: &mut [Vec<f64>], powers: usize) -> Self {
        let (count, features) = (windows.len() as f64, windows[0].len());
        let mut mean = vec![0.0; features];
        for window in windows {
            mean.iter_mut().zip(*window).for_each(|(sum, &code)| *sum += f64::from(code));
        }
        mean.iter_mut().for_each(|sum| *sum /= count);
        let centred: Vec<Vec<f64>> = windows.iter().map(|window| less(window, &mean)).collect();
        straighten(directions);
        for _ in 0..powers {
            directions.par_iter_mut().for_each(|direction| {
                let mut next = vec![0.0; features];
                for window in &centred {
                    add(&mut next, window, dot(window, direction));
                }
                *direction = next;
            });
            straighten(directions);
        }
        let mut variances = vec![0.0; directions.len()];
        let mut left = vec![0.0; features];
        for mut window in centred {
            for (direction, variance) in directions.iter().zip(&mut variances) {
                let along = dot(&window, direction);
                *variance += along * along / count;
                add(&mut window, direction, -along);
            }
            left.iter_mut().zip(window).for_each(|(sum, rest)| *sum += rest * rest / count);
        }
        let floor = FLOOR * left.iter().sum::<f64>() / features as f64 + ROUNDING;
        left.iter_mut().for_each(|variance| *variance += floor);
        let axes = directions.iter().cloned().zip(variances.into_iter().map(|it| it + ROUNDING));
        Self { mean, axes: axes.collect(), left }
    }

    /// How far a window lies from the bulk: about 2 within it.
    pub(crate) fn distance(&self, window: &[u8]) -> f64 {
        let mut rest = less(window, &self.mean);
        let mut within = 0.0;
        for (direction, variance) in &self.axes {
            let along = dot(&rest, direction);
            within += along * along / variance;
            add(&mut rest, direction, -along);
        }
        let squares = rest.iter().zip(&self.left).map(|(rest, variance)| rest * rest / variance);
        squares.sum::<f64>() / rest.len() as f64 + within / self.axes.len().max(1) as f64
    }
}

fn less(window: &[u8], mean: &[f64]) -> Vec<f64> {
    window.iter().zip(mean).map(|(&code, mean)| f64::from(code) - mean).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Adds `factor` times `other`.
fn add(to: &mut [f64], other: &[f64], factor: f64) {
    to.iter_mut().zip(other).for_each(|(to, other)| *to += factor * other);
}

/// Makes directions of length 1 and at right angles, by Gram and Schmidt. One that the others span
/// becomes zero.
fn straighten(directions: &mut [Vec<f64>]) {
    for at in 0..directions.len() {
        let (before, rest) = directions.split_at_mut(at);
        let direction = &mut rest[0];
        let whole = dot(direction, direction).sqrt();
        // Twice is enough, as Kahan and Parlett say.
        for other in before.iter().chain(before.iter()) {
            let along = dot(direction, other);
            add(direction, other, -along);
        }
        let length = dot(direction, direction).sqrt();
        let factor = if length > 1e-9 * whole { 1.0 / length } else { 0.0 };
        direction.iter_mut().for_each(|value| *value *= factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves of 16 samples at any phase, and a little noise.
    fn waves(count: usize) -> Vec<u8> {
        let noise = |at: usize| (at * 7919 % 11) as f64 - 5.0;
        let code = |at: usize| {
            let phase = (at / 16 * 31 % 97) as f64;
            (128.0 + 60.0 * libm::sin((at % 16) as f64 / 3.0 + phase) + noise(at)) as u8
        };
        (0..16 * count).map(code).collect()
    }

    #[test]
    fn the_bulk_is_found_among_windows_of_another_kind() {
        let mut codes = waves(400);
        for window in codes.chunks_mut(16).step_by(20) {
            window.iter_mut().enumerate().for_each(|(at, code)| *code = 40 + 140 * (at as u8 % 2));
        }
        let images = Images::new(codes, 16, 1).unwrap();
        let bulk = Bulk::of(&images);
        let distances: Vec<f64> = images.iter().map(|window| bulk.distance(window)).collect();
        let others = |kind: fn(usize) -> bool| {
            let of = distances.iter().enumerate().filter(move |&(at, _)| kind(at));
            of.map(|(_, &distance)| distance)
        };
        let nearest = others(|at| at % 20 == 0).fold(f64::INFINITY, f64::min);
        let furthest = others(|at| at % 20 != 0).fold(0.0, f64::max);
        assert!(nearest > 10.0 * furthest, "{nearest} {furthest}");
        assert!(bulk == Bulk::of(&images));
    }

    #[test]
    fn windows_that_are_all_the_same_have_no_distance() {
        let images = Images::new(vec![7; 64 * 16], 16, 1).unwrap();
        assert_eq!(Bulk::of(&images).distance(images.image(0)), 0.0);
        let one = Images::new(vec![7, 9], 2, 1).unwrap();
        assert_eq!(Bulk::of(&one).distance(&[7, 9]), 0.0);
    }

    #[test]
    fn directions_are_at_right_angles() {
        let mut directions = vec![vec![3.0, 4.0, 0.0], vec![3.0, 4.0, 1e-3], vec![6.0, 8.0, 0.0]];
        straighten(&mut directions);
        assert!((directions[0][0] - 0.6).abs() < 1e-12 && directions[2] == [0.0; 3]);
        assert!(dot(&directions[0], &directions[1]).abs() < 1e-12, "{directions:?}");
        assert!((dot(&directions[1], &directions[1]) - 1.0).abs() < 1e-12);
    }
}
