//! Signals of several devices.

use std::fmt::Write;

use ae_infer::Decision;

use crate::board;

/// A detector on two channels of counts.
pub(crate) const TINY: &str = "tiny.counts.int8.aeb";

/// Samples of devices, in turns, with gaps and holes.
pub(crate) struct Samples {
    /// Of each device time and values; no values where there is a hole.
    devices: Vec<Vec<(f64, Option<[i16; 2]>)>>,
}

impl Samples {
    pub(crate) fn new(devices: usize, samples: usize) -> Self {
        let mut bits = 7_u64;
        let mut next = move || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            bits >> 33
        };
        let mut of_device = |device: usize| {
            let mut time = 0.25 * device as f64;
            (0..samples)
                .map(|at| {
                    // Every fifty-first sample comes late.
                    time += if at % 51 == 50 { 3.0 } else { 1.0 };
                    let value = |random: u64| (random % 400) as i16 - 200;
                    let values = [value(next()), value(next())];
                    (time, (at % 37 != 36).then_some(values))
                })
                .collect()
        };
        Self { devices: (0..devices).map(&mut of_device).collect() }
    }

    /// As a file, the samples of all devices in turns.
    pub(crate) fn csv(&self) -> String {
        let mut text = "pump,at,x,y\n".to_owned();
        let most = self.devices.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..most {
            for (device, samples) in self.devices.iter().enumerate() {
                let Some((time, values)) = samples.get(at) else { continue };
                match values {
                    Some([x, y]) => writeln!(text, "p{device},{time},{x},{y}").unwrap(),
                    None => writeln!(text, "p{device},{time},,").unwrap(),
                }
            }
        }
        text
    }

    /// What the board decides on a device, with the times, where a gap is more than 1.5 s.
    pub(crate) fn decisions(&self, device: usize) -> Vec<(f64, Decision)> {
        let mut signal = Vec::new();
        let mut times = Vec::new();
        let mut last = f64::INFINITY;
        for &(time, values) in &self.devices[device] {
            if time - last > 1.5 {
                signal.push(None);
            }
            last = time;
            match values {
                Some(values) => {
                    signal.push(Some(values.to_vec()));
                    times.push(time);
                }
                None => signal.push(None),
            }
        }
        let decisions = board::decisions(TINY, &signal);
        assert_eq!(decisions.len(), times.len());
        times.into_iter().zip(decisions).filter_map(|(time, of)| Some((time, of?))).collect()
    }

    /// The scores of a device's windows that share no sample.
    pub(crate) fn apart(&self, device: usize) -> Vec<u64> {
        let step = board::apart(TINY);
        let mut scores = Vec::new();
        let mut behind = 0;
        let mut last = f64::NEG_INFINITY;
        let decisions = self.decisions(device);
        for (time, decision) in decisions {
            // Where the signal begins anew, so does the count.
            if self.restarts_between(device, last, time) {
                behind = 0;
            }
            last = time;
            if behind % step == 0 {
                scores.push(decision.evidence().score);
            }
            behind += 1;
        }
        scores
    }

    fn restarts_between(&self, device: usize, from: f64, to: f64) -> bool {
        let mut before = f64::INFINITY;
        self.devices[device].iter().any(|&(time, values)| {
            let gap = time - before > 1.5;
            before = time;
            time > from && time <= to && (gap || values.is_none())
        })
    }
}
