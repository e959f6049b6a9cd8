//! A detector's report to look at, made by the functions that make real ones from scores and a
//! signal that look like those of a wearable sensor.

use std::f32::consts::TAU;

use ae_data::signal::{
    Constant, Folds, Labels, LeftOut, Origin, Piece, ReadNote, Recording, Signals,
};
use ae_detect::conformal::Threshold;
use ae_detect::moment::{Moment, Span};
use ae_detect::planted::{FOUND_SHARE, Fault, FaultFigures, Smallest};
use ae_detect::report::{
    CandidateFigures, ChoiceFigures, Data, Delay, DetectReport, DetectionFigures, DriftCourse,
    DriftCourses, EventFigures, Flips, FloatAgreement, LabelEvents, ModelFigures, Profile,
    ReconstructionErrors, Scores, SensitivityFigures, Separation, Strip, StripDecision, StripPiece,
    StripSpan, StripTruth, ThresholdReport, WindowSetFigures, by_label,
};
use ae_testkit::random::SplitMix64;

/// Which report.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Channels of the signal.
    pub channels: usize,
    /// Whether there are abnormal windows.
    pub abnormal: bool,
    /// Whether PCA does as well as the autoencoder.
    pub pca_is_as_good: bool,
}

const LABELS: [&str; 3] = ["jump", "limp", "stumble"];
const WINDOW: usize = 64;
const STRIDE: usize = 32;
const SAMPLES: usize = 400;
const ALPHA_PPM: u32 = 20_000;

impl Example {
    /// The report, the same every time.
    pub fn report(&self) -> DetectReport {
        let mut random = SplitMix64::new(6);
        let int8 = self.scores(&mut random, 9.0);
        let float = nearly(&int8, &mut random);
        let pca = self.scores(&mut random, if self.pca_is_as_good { 9.0 } else { 3.0 });
        let threshold = |scores: &Scores| {
            Threshold::calibrate(&scores.calibration, ALPHA_PPM).expect("there are enough")
        };
        let (own, of_float, of_pca) = (threshold(&int8), threshold(&float), threshold(&pca));
        let [separation, float_separation, pca_separation] =
            [(&int8, &own), (&float, &of_float), (&pca, &of_pca)]
                .map(|(scores, threshold)| scores.separation(threshold));
        let change = |figure: fn(&Separation) -> f64| {
            Some(figure(separation.as_ref()?) - figure(float_separation.as_ref()?))
        };
        let float_agreement = FloatAgreement {
            auroc_change: change(|of| of.auroc),
            partial_auroc_change: change(|of| of.partial_auroc),
            held_out: Flips::count(&int8.held_out, &own, &float.held_out, &of_float),
            abnormal: Flips::count(&int8.abnormal, &own, &float.abnormal, &of_float),
        };
        let labels: Vec<&str> = LABELS.into_iter().cycle().take(int8.abnormal.len()).collect();
        let costs = [(104_312, 2_912, 102_400, 61_850), (13_056, 1_056, 12_288, 9_130)];
        let figures =
            |name: &str, scores: &Scores, own: &Threshold, of: &Option<Separation>, costs| {
                let (flash_bytes, ram_bytes, multiply_adds, instructions) = costs;
                ModelFigures {
                    name: name.to_owned(),
                    false_alarms: scores.false_alarms(own),
                    auroc: of.as_ref().map(|of| of.auroc),
                    partial_auroc: of.as_ref().map(|of| of.partial_auroc),
                    detected: of.as_ref().map(|of| of.detected),
                    flash_bytes,
                    ram_bytes,
                    multiply_adds,
                    instructions: Some(instructions),
                    cost_basis: "estimated from its multiply-adds on a Cortex-M4".to_owned(),
                }
            };
        let model = figures("autoencoder, int8", &int8, &own, &separation, costs[0]);
        let pca_figures = figures("PCA", &pca, &of_pca, &pca_separation, costs[1]);
        let detection =
            separation.zip(float_separation).map(|(int8_separation, float)| DetectionFigures {
                by_label: by_label(&int8, &labels, &own),
                int8: int8_separation,
                f32_blob: float.clone(),
                float,
                pca: pca_separation,
            });
        DetectReport {
            tool: "ae-train 0.1.0".to_owned(),
            data: self.data(&int8),
            profile: Some(self.profile()),
            network: format!("{}-128-16-128-{}", WINDOW * self.channels, WINDOW * self.channels),
            latent: 16,
            weighted: true,
            smoothing: 0,
            threshold: ThresholdReport::new(&own, 2, 3),
            model,
            detection,
            events: Some(self.events()),
            reconstruction: Some(ReconstructionErrors {
                model: 0.000_115,
                int8: 0.000_123,
                mean: 0.004_2,
                pca: Some(0.000_131),
                without_pca: None,
            }),
            choice: Some(self.choice()),
            sensitivity: Some(self.sensitivity()),
            drift: None,
            drift_courses: Some(self.drift_courses()),
            float_agreement,
            pca: Some(pca_figures),
            warnings: vec![],
            strip: Some(self.strip(&own, &mut random)),
            scores: int8,
        }
        .with_warnings()
    }

    /// Two recordings of two groups, of waves; a note names the first channel.
    fn profile(&self) -> Profile {
        let sample = |at: usize, channel: usize| (at as f32 / (5.0 + channel as f32)).sin();
        let recording = |group: &str| Recording {
            samples: (0..SAMPLES * self.channels)
                .map(|at| sample(at / self.channels, at % self.channels))
                .collect(),
            labels: Labels::default(),
            group: Some(group.into()),
            origin: Origin::default(),
        };
        let left_out = LeftOut {
            channels: vec![Constant { channel: "pump".to_owned(), value: 5.0 }],
            of: self.channels + 1,
        };
        let signals = Signals {
            channels: (0..self.channels).map(channel_name).collect(),
            recordings: ["s01", "s06"].map(recording).to_vec(),
            notes: vec![ReadNote::LeftOut(left_out)],
            rate: None,
        };
        let piece = |recording, range| Piece { recording, range };
        let folds = Folds {
            train: vec![piece(0, 0..300)],
            calibrate: vec![piece(1, 0..200)],
            test_normal: vec![piece(1, 200..300)],
            ..Folds::default()
        };
        let problem = format!("`{}` stays at its largest value", channel_name(0));
        Profile::of(&signals, &folds, vec![problem], [18, 3, 1, 0], None)
    }

    /// Three events, one of which no window holds.
    fn events(&self) -> EventFigures {
        let of = |label: &str, events, judged, found| LabelEvents {
            label: label.to_owned(),
            events,
            judged,
            found,
        };
        let none = !self.abnormal;
        let delay = Delay {
            median: 21,
            largest: 40,
            median_seconds: Some(0.42),
            largest_seconds: Some(0.8),
        };
        EventFigures {
            events: if none { 0 } else { 4 },
            judged: if none { 0 } else { 3 },
            found: if none { 0 } else { 2 },
            delay: (!none).then_some(delay),
            by_label: if none {
                Vec::new()
            } else {
                vec![of("jump", 3, 2, 1), of("limp", 1, 1, 1)]
            },
            false_alarms: 5,
            normal_windows: 776,
            false_alarms_per_hour: Some(36.24),
        }
    }

    /// Two models that were tried.
    fn choice(&self) -> ChoiceFigures {
        let features = WINDOW * self.channels;
        let candidate = |network: String, noticed, chosen| CandidateFigures {
            network,
            latent: 4,
            steps: 1_000,
            validation_mse: 0.000_123,
            noticed,
            flash_bytes: 21_000,
            instructions: 61_000,
            chosen,
        };
        let small = candidate(format!("{features}-4-{features}"), 0.81, false);
        let large = candidate(format!("{features}-128-4-128-{features}"), 0.92, true);
        ChoiceFigures { trained: 2_400, validated: 400, candidates: vec![small, large] }
    }

    /// An offset that all channels but the last show, and a flat line.
    fn sensitivity(&self) -> SensitivityFigures {
        let smallest = |strength: Option<f64>, found| Smallest { strength, found };
        let mut offset = vec![smallest(Some(1.4), 0.83); self.channels];
        if let Some(last) = offset.last_mut() {
            *last = smallest(None, 0.12);
        }
        let flat = vec![smallest(None, 0.56); self.channels];
        let of = |fault: Fault, channels| FaultFigures {
            fault,
            unit: fault.unit(),
            largest: fault.sought().last().copied().unwrap_or_default(),
            channels,
        };
        let faults = vec![of(Fault::Offset, offset), of(Fault::FlatLine, flat)];
        SensitivityFigures { windows: 200, found_share: FOUND_SHARE, faults }
    }

    fn scores(&self, random: &mut SplitMix64, abnormal_by: f64) -> Scores {
        let mut draw = |count: usize, by: f64| -> Vec<u64> {
            // The exponential of a sum of uniform numbers: one hump on a logarithmic axis.
            let mut score = || {
                let sum: f32 = (0..6).map(|_| random.signed_unit()).sum();
                (40_000.0 * by * f64::from(0.45 * sum).exp()) as u64
            };
            (0..count).map(|_| score()).collect()
        };
        Scores {
            calibration: draw(412, 1.0),
            held_out: draw(388, 1.05),
            abnormal: if self.abnormal { draw(955, abnormal_by) } else { vec![] },
        }
    }

    fn data(&self, scores: &Scores) -> Data {
        let role = |name: &str, groups: &[&str], windows, stride| WindowSetFigures {
            name: name.to_owned(),
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
            windows,
            stride,
        };
        let mut roles = vec![
            role("training", &["s01", "s02", "s03", "s04", "s05", "s07"], 3120, 16),
            role("calibration", &["s06", "s08", "s09"], scores.calibration.len(), WINDOW),
            role("held-out, normal", &["s10", "s11"], scores.held_out.len(), WINDOW),
        ];
        if self.abnormal {
            roles.push(role("abnormal", &["s10", "s11"], scores.abnormal.len(), STRIDE));
        }
        Data {
            source: "recordings/wrist.csv".to_owned(),
            channels: (0..self.channels).map(channel_name).collect(),
            window: WINDOW,
            stride: STRIDE,
            samples_per_second: Some(50.0),
            normal_labels: vec!["walk".to_owned()],
            roles,
        }
    }

    /// Two pieces, of which one drifts.
    fn drift_courses(&self) -> DriftCourses {
        let moment = |sample| Moment { sample, line: Some(sample + 2), row: None, time: None };
        let course = |pace: f64, told: Option<usize>| DriftCourse {
            recording: "Subject s11, walk to the lift".to_owned(),
            place: Span { first: moment(0), last: moment(9599) },
            told: told.map(moment),
            windows: 100,
            evidence: (0..100).map(|at| (pace * f64::from(at)).exp2()).collect(),
        };
        let drawn = vec![course(0.1, Some(6399)), course(0.02, None)];
        DriftCourses { delta: 0.01, pieces: 12, drifted: 1, drawn }
    }

    /// A walk that is disturbed in its last third, if there are abnormal windows.
    fn strip(&self, threshold: &Threshold, random: &mut SplitMix64) -> Strip {
        let disturbed = if self.abnormal { 270..360 } else { 0..0 };
        let mut signal = vec![];
        let mut reconstruction = vec![];
        for channel in 0..self.channels {
            let pace = TAU / (30.0 + 3.0 * channel as f32);
            let clean = |t: usize| 9.81 * (pace * t as f32).sin() + (2.0 * pace * t as f32).cos();
            let mut noisy = |t: usize| {
                let kick = if disturbed.contains(&t) { 7.0 } else { 0.8 };
                clean(t) + kick * random.signed_unit()
            };
            signal.push((0..SAMPLES).map(&mut noisy).collect::<Vec<f32>>());
            let known = |t| if t < WINDOW - STRIDE { f32::NAN } else { clean(t) };
            reconstruction.push((0..SAMPLES).map(known).collect());
        }
        let decision = |from: usize| {
            let span = StripSpan { from, to: from + WINDOW };
            let hit = (from..from + WINDOW).filter(|t| disturbed.contains(t)).count() as u64;
            let score = threshold.threshold * (10 + from as u64 % 7 + hit) / 40;
            let alarm = score > threshold.threshold;
            // Kicked hardest, and beyond the channels that are drawn if those were the first.
            StripDecision { span, score, alarm, channel: self.channels - 1 }
        };
        let truth = StripTruth {
            span: StripSpan { from: disturbed.start, to: disturbed.end },
            label: "limp".to_owned(),
        };
        let piece = |first: usize, span: std::ops::Range<usize>| {
            let moment = |sample| Moment { sample, line: Some(sample + 2), row: None, time: None };
            StripPiece {
                recording: "Subject s11, walk to the lift".to_owned(),
                place: Span { first: moment(first), last: moment(first + span.len() - 1) },
                span: StripSpan { from: span.start, to: span.end },
            }
        };
        Strip {
            pieces: vec![piece(12_800, 0..240), piece(20_000, 240..SAMPLES)],
            signal,
            reconstruction,
            decisions: (0..=SAMPLES - WINDOW).step_by(STRIDE).map(decision).collect(),
            truth: if self.abnormal { vec![truth] } else { vec![] },
        }
    }
}

/// The same scores but for a few parts in a thousand, as those of two arithmetics are.
fn nearly(scores: &Scores, random: &mut SplitMix64) -> Scores {
    let mut near = |scores: &[u64]| -> Vec<u64> {
        let off =
            |&score: &u64| (score as f64 * (1.0 + 0.01 * f64::from(random.signed_unit()))) as u64;
        scores.iter().map(off).collect()
    };
    Scores {
        calibration: near(&scores.calibration),
        held_out: near(&scores.held_out),
        abnormal: near(&scores.abnormal),
    }
}

fn channel_name(channel: usize) -> String {
    let sensor = ["acc", "gyr", "mag", "wrist acc"][channel / 3 % 4];
    format!("{sensor} {}", ["x", "y", "z"][channel % 3])
}
