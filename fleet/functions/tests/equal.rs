//! What the functions give is what the detector of a board gives, fed sample by sample.

mod archive;

use ae_detect::play::play;
use ae_infer::{Calibration, Drift, calibration_len};
use archive::{Archive, golden};
use datafusion::arrow::array::{Array as _, AsArray as _};
use datafusion::arrow::datatypes::{UInt32Type, UInt64Type};

/// Blobs with a detector for each type of sample, curves and features among them.
const DETECTORS: [&str; 6] = [
    "tiny.counts.int8.aeb",
    "tiny.count-curves.int8.aeb",
    "tiny.features.int8.aeb",
    "tiny.groups.int8.aeb",
    "tiny.value-curves.f32.aeb",
    "tiny.values.f32.aeb",
];

#[tokio::test]
async fn decisions_of_devices_are_those_of_their_detectors() {
    for name in DETECTORS {
        let archive = Archive::of(name, 5, 700);
        let query = format!(
            "SELECT device, time, d.score, d.threshold, d.channel, d.channel_score, d.exceeds, d.alarm \
             FROM (SELECT device, time, ae_decisions('{}', sample) OVER (PARTITION BY device ORDER BY \
             time) AS d FROM archive) WHERE d IS NOT NULL ORDER BY device, time",
            archive.model
        );
        let mut expected = Vec::new();
        for device in 0..5 {
            for played in play(&archive.blob, &archive.signals[device]).unwrap() {
                let evidence = played.decision.evidence();
                let alarms = [evidence.exceeds(), played.decision.is_alarm()];
                let time = played.end as u64 - 1;
                let numbers = [evidence.score, evidence.threshold, evidence.channel as u64];
                expected.push((device as u64, time, numbers, evidence.channel_score, alarms));
            }
        }
        // Small batches of few devices each, and all at once.
        for (batch, partitions) in [(7, 3), (8192, 1)] {
            let found = archive.query(&query, batch, partitions).await.unwrap();
            let mut rows = Vec::new();
            for batch in &found {
                let number = |at: usize| batch.column(at).as_primitive::<UInt64Type>();
                for row in 0..batch.num_rows() {
                    let channel = batch.column(4).as_primitive::<UInt32Type>().value(row);
                    let is = |at: usize| batch.column(at).as_boolean().value(row);
                    let numbers = [number(2).value(row), number(3).value(row), channel.into()];
                    let of_channel = number(5).value(row);
                    let place = [number(0).value(row), number(1).value(row)];
                    rows.push((place[0], place[1], numbers, of_channel, [is(6), is(7)]));
                }
            }
            assert!(!expected.is_empty(), "{name}");
            assert_eq!(rows, expected, "{name} in batches of {batch}");
        }
    }
}

#[tokio::test]
async fn windows_that_are_cut_have_the_scores_of_the_detector() {
    for name in DETECTORS {
        let archive = Archive::of(name, 3, 400);
        let query = format!(
            "SELECT ae_score('{0}', w) AS score, ae_evidence('{0}', w) AS e, ae_exceeds('{0}', w) AS x, \
             ae_channel('{0}', w) AS c FROM (SELECT device, time, ae_windows('{0}', sample) OVER \
             (PARTITION BY device ORDER BY time) AS w FROM archive) WHERE w IS NOT NULL ORDER BY \
             device, time",
            archive.model
        );
        let found = archive.query(&query, 50, 2).await.unwrap();
        let mut rows = Vec::new();
        for batch in &found {
            let evidence = batch.column(1).as_struct();
            for row in 0..batch.num_rows() {
                let score = batch.column(0).as_primitive::<UInt64Type>().value(row);
                assert_eq!(evidence.column(0).as_primitive::<UInt64Type>().value(row), score);
                let threshold = evidence.column(1).as_primitive::<UInt64Type>().value(row);
                let channel = batch.column(3).as_primitive::<UInt32Type>().value(row);
                assert_eq!(evidence.column(2).as_primitive::<UInt32Type>().value(row), channel);
                let of_channel = evidence.column(3).as_primitive::<UInt64Type>().value(row);
                let exceeds = batch.column(2).as_boolean().value(row);
                rows.push((score, threshold, channel as usize, of_channel, exceeds));
            }
        }
        let played = archive.signals.iter().flat_map(|it| play(&archive.blob, it).unwrap());
        let expected: Vec<_> = played
            .map(|played| {
                let it = *played.decision.evidence();
                (it.score, it.threshold, it.channel, it.channel_score, it.exceeds())
            })
            .collect();
        assert_eq!(rows, expected, "{name}");
    }
}

#[tokio::test]
async fn a_gap_and_a_restart_begin_anew() {
    let archive = Archive::of("tiny.counts.int8.aeb", 1, 100);
    let scores = |samples: &[f32]| -> Vec<(u64, bool)> {
        let played = play(&archive.blob, samples).unwrap();
        played.iter().map(|it| (it.decision.evidence().score, it.decision.is_alarm())).collect()
    };
    let signal = &archive.signals[0];
    // Two channels: samples 0 to 40, 41 to 99.
    let restarted = [scores(&signal[..82]), scores(&signal[82..])].concat();
    let gap = [scores(&signal[..82]), scores(&signal[84..])].concat();
    assert_ne!(restarted, scores(signal));
    let (sample, restart) = ("sample", "time = 41");
    let null = "CASE WHEN time = 41 THEN NULL ELSE sample END";
    for (sample, restart, expected) in
        [(sample, restart, &restarted), (null, "false", &gap), (sample, "NULL", &scores(signal))]
    {
        let query = format!(
            "SELECT d.score, d.alarm FROM (SELECT time, ae_decisions('{}', {sample}, {restart}) OVER \
             (ORDER BY time) AS d FROM archive) WHERE d IS NOT NULL ORDER BY time",
            archive.model
        );
        let mut rows = Vec::new();
        for batch in archive.query(&query, 10, 2).await.unwrap() {
            let scores = batch.column(0).as_primitive::<UInt64Type>();
            let alarms = batch.column(1).as_boolean();
            rows.extend(scores.values().iter().copied().zip(alarms.values().iter()));
        }
        assert_eq!(rows, *expected, "{sample}, {restart}");
    }
}

#[tokio::test]
async fn thresholds_of_devices_are_those_that_boards_find() {
    let archive = Archive::of("tiny.counts.int8.aeb", 4, 1000);
    let scored = format!(
        "SELECT device, time, d.score AS score FROM (SELECT device, time, ae_decisions('{}', sample) \
         OVER (PARTITION BY device ORDER BY time) AS d FROM archive) WHERE d IS NOT NULL AND d.apart",
        archive.model
    );
    let query = format!(
        "SELECT device, ae_threshold(score, 0.025), ae_threshold(score, 0.025, 1000), \
         ae_threshold(score, 0.0001) FROM ({scored}) GROUP BY device ORDER BY device"
    );
    let mut expected = Vec::new();
    for signal in &archive.signals {
        // Windows of two samples, one sample apart: every second one shares nothing.
        let played = play(&archive.blob, signal).unwrap();
        let scores: Vec<u64> =
            played.iter().step_by(2).map(|it| it.decision.evidence().score).collect();
        assert_eq!(calibration_len(scores.len() as u32, 25_000), 12);
        let mut calibration = Calibration::<12>::new(scores.len() as u32, 25_000).unwrap();
        scores.iter().for_each(|&score| calibration.take(score));
        expected.push(calibration.threshold());
    }
    for partitions in [1, 4] {
        let found = archive.query(&query, 33, partitions).await.unwrap();
        let column = |at: usize| -> Vec<Option<u64>> {
            let of = |batch: &datafusion::arrow::record_batch::RecordBatch| {
                batch.column(at).as_primitive::<UInt64Type>().iter().collect::<Vec<_>>()
            };
            found.iter().flat_map(of).collect()
        };
        assert_eq!(column(1), expected);
        assert_eq!(column(2), expected);
        assert_eq!(column(3), [None; 4], "too few scores for one in 10,000");
    }
    let too_many = query.replace("1000)", "499)");
    let error = archive.query(&too_many, 33, 2).await.unwrap_err().to_string();
    assert!(error.contains("a group has more than 499 scores"), "{error}");
}

#[tokio::test]
async fn drift_is_that_of_the_board() {
    let archive = Archive::of("tiny.counts.int8.aeb", 2, 600);
    let query = format!(
        "SELECT device, s.windows, s.wealth, s.drifted FROM (SELECT device, time, ae_drift(score, 0.01) \
         OVER (PARTITION BY device ORDER BY time) AS s FROM (SELECT device, time, d.score AS score FROM \
         (SELECT device, time, ae_decisions('{}', sample) OVER (PARTITION BY device ORDER BY time) AS d \
         FROM archive) WHERE d.apart)) ORDER BY device, time",
        archive.model
    );
    let mut expected = Vec::new();
    for signal in &archive.signals {
        let mut drift = Drift::<11>::new(10_000).unwrap();
        let played = play(&archive.blob, signal).unwrap();
        for (at, played) in played.iter().step_by(2).enumerate() {
            drift.take(played.decision.evidence().score);
            let wealth = drift.wealth() as f64 / Drift::<11>::UNIT as f64;
            expected.push((at as u64 + 1, wealth, drift.has_drifted()));
        }
    }
    let mut rows = Vec::new();
    for batch in archive.query(&query, 64, 2).await.unwrap() {
        let windows = batch.column(1).as_primitive::<UInt64Type>();
        let wealth = batch.column(2).as_primitive::<datafusion::arrow::datatypes::Float64Type>();
        let drifted = batch.column(3).as_boolean();
        for row in 0..batch.num_rows() {
            rows.push((windows.value(row), wealth.value(row), drifted.value(row)));
        }
    }
    assert_eq!(rows, expected);
    // Signals rise behind their middle.
    assert!(expected.iter().any(|it| it.2) && expected.iter().any(|it| !it.2));
}

#[tokio::test]
async fn images_have_the_scores_and_latents_of_the_engine() {
    for (name, is_int8) in [("tiny.int8.aeb", true), ("tiny.f32.aeb", false)] {
        let archive = Archive::of_images(name, 1000);
        let query = format!(
            "SELECT image, ae_score('{0}', image), ae_evidence('{0}', image) FROM archive",
            archive.model
        );
        let mut count = 0;
        for batch in archive.query(&query, 333, 2).await.unwrap() {
            let images = batch.column(0).as_fixed_size_list();
            for row in 0..batch.num_rows() {
                count += 1;
                let evidence = batch.column(2).as_struct();
                if images.is_null(row) {
                    assert!(batch.column(1).is_null(row) && evidence.is_null(row));
                    continue;
                }
                let image = images.value(row);
                let pixels =
                    image.as_primitive::<datafusion::arrow::datatypes::UInt8Type>().values();
                let score = batch.column(1).as_primitive::<UInt64Type>().value(row);
                assert_eq!(score, golden::score(&archive.blob, pixels), "{name}");
                assert!(evidence.column(1).is_null(row), "no detector, no threshold");
            }
        }
        assert_eq!(count, 1000);
        let query = format!("SELECT image, ae_encode('{}', image) FROM archive", archive.model);
        let encoded = archive.query(&query, 100, 2).await;
        if !is_int8 {
            let error = encoded.unwrap_err().to_string();
            assert!(error.contains("are Float32"), "{error}");
            continue;
        }
        for batch in encoded.unwrap() {
            let images = batch.column(0).as_fixed_size_list();
            let latents = batch.column(1).as_list::<i32>();
            for row in (0..batch.num_rows()).filter(|&row| images.is_valid(row)) {
                let image = images.value(row);
                let pixels =
                    image.as_primitive::<datafusion::arrow::datatypes::UInt8Type>().values();
                let latent = latents.value(row);
                let latent =
                    latent.as_primitive::<datafusion::arrow::datatypes::Int8Type>().values();
                assert_eq!(*latent, *golden::latent(&archive.blob, pixels));
            }
        }
    }
}
