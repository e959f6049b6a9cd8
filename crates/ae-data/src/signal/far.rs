//! A few values so far from all others that they would set the scale of their channel alone.
//!
//! They may be real, such as a spike that happens once a day, or a mistake. So they stay in the
//! windows, where they are clipped, as they would be in any case: a value that one in a hundred has
//! is ten standard deviations away. Only mean and deviation are those of the others. Without far
//! values both are what they always are.

/// Largest share of values at either end: one in this many.
const MOST: usize = 100;

/// A gap of so many ranges of all nearer values separates far values from them.
const RANGES: f64 = 20.0;

/// Different values at either end that may be far: more are a part of the signal.
const DIFFERENT: usize = 2;

/// Values of a channel that lie far from all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Far {
    /// Name of the channel.
    pub channel: String,
    /// How many there are.
    pub found: usize,
    /// All values of the channel.
    pub of: usize,
    /// The one that is furthest.
    pub value: f32,
    /// The least and the largest of all others.
    pub others: [f32; 2],
}

/// Far values among those of a channel, in ascending order. The others are at least 98 % of all,
/// and not all the same.
pub(super) fn far(channel: &str, values: &[f32]) -> Option<Far> {
    let most = values.len() / MOST;
    if most == 0 {
        return None;
    }
    let at = |index: usize| f64::from(values[index]);
    let (mut first, mut last) = (most, values.len() - 1 - most);
    // Outwards from the middle, as long as the next value is near.
    loop {
        let reach = RANGES * (at(last) - at(first));
        if first > 0 && at(first) - at(first - 1) <= reach {
            first -= 1;
        } else if last + 1 < values.len() && at(last + 1) - at(last) <= reach {
            last += 1;
        } else {
            break;
        }
    }
    if at(first) == at(last) {
        return None;
    }
    let different = |values: &[f32]| values.chunk_by(|a, b| a == b).count();
    let (below, above) = (&values[..first], &values[last + 1..]);
    let first = if different(below) <= DIFFERENT { first } else { 0 };
    let last = if different(above) <= DIFFERENT { last } else { values.len() - 1 };
    let found = values.len() - 1 - (last - first);
    let (least, largest) = (at(first) - at(0), at(values.len() - 1) - at(last));
    (found > 0).then(|| Far {
        channel: channel.to_owned(),
        found,
        of: values.len(),
        value: values[if least >= largest { 0 } else { values.len() - 1 }],
        others: [values[first], values[last]],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(len: usize) -> Vec<f32> {
        (0..len).map(|at| (at * 7919 % 101) as f32 / 100.0).collect()
    }

    fn of(mut values: Vec<f32>) -> Option<Far> {
        values.sort_unstable_by(f32::total_cmp);
        far("x", &values)
    }

    #[test]
    fn a_few_far_values_are_found_at_either_end() {
        let mut values = wave(1000);
        (values[3], values[4], values[500]) = (850.0, 850.0, -77.5);
        let far = of(values).unwrap();
        assert_eq!((far.found, far.of, far.value, far.others), (3, 1000, 850.0, [0.0, 1.0]));
    }

    #[test]
    fn what_belongs_to_the_signal_is_not_far() {
        let with = |count: usize, value: fn(usize) -> f32| {
            let mut values = wave(1000);
            (0..count).for_each(|at| values[at * 7] = value(at));
            values
        };
        for (name, values) in [
            ("a wave", wave(1000)),
            ("a spike that is near", with(1, |_| 20.0)),
            ("a pump", with(9, |at| 800.0 + at as f32)),
            ("often", with(11, |_| 850.0)),
            ("a switch", (0..1000).map(|at| if at == 5 { 1.0 } else { 0.0 }).collect()),
            ("heavy tails", (1..1000).map(|at| 1000.0 / at as f32).collect()),
            ("few", with(0, |_| 0.0)[..99].to_vec()),
        ] {
            assert_eq!(of(values), None, "{name}");
        }
    }
}
