//! What a detector's report says of its figures.

use ae_detect::interval::Proportion;
use ae_detect::report::{
    DetectReport, PCA_MARGIN, WithoutPca, detection_lines, event_lines, pca_does_as_well,
    reconstruction_line, verdict,
};
use ae_tests::report::Example;

fn example(abnormal: bool) -> DetectReport {
    Example { channels: 2, abnormal, pca_is_as_good: false }.report()
}

/// The report with other figures, and its warnings anew.
fn warnings(change: impl FnOnce(&mut DetectReport)) -> Vec<String> {
    let mut report = example(true);
    report.warnings.clear();
    change(&mut report);
    report.with_warnings().warnings
}

/// What does not break in a line reads as an ordinary space here.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

#[test]
fn one_sentence_says_it() {
    let mut report = example(true);
    report.model.false_alarms = Proportion::new(3, 200, 0.95);
    report.model.detected = Some(Proportion::new(45, 50, 0.95));
    report.model.auroc = Some(0.9512);
    assert_eq!(
        plain(&verdict(&report)),
        "The detector finds 90.0 % of abnormal windows (45 of 50) and takes 1.50 % of held-out \
         normal windows for abnormal (3 of 200, wanted at most 2 %); AUROC 0.951."
    );
    let mut report = example(false);
    report.model.false_alarms = Proportion::new(0, 200, 0.95);
    assert_eq!(
        plain(&verdict(&report)),
        "The detector takes 0 % of held-out normal windows for abnormal (0 of 200, wanted at most \
         2 %); without abnormal windows nothing is known about what it detects."
    );
    report.model.false_alarms = Proportion::new(0, 0, 0.95);
    assert_eq!(
        verdict(&report),
        "The detector is calibrated, but no held-out normal window was there to count false \
         alarms on."
    );
}

#[test]
fn pca_does_as_well_up_to_the_margin() {
    let report = example(true);
    let (mut model, mut pca) = (report.model.clone(), report.pca.clone().expect("it was fitted"));
    for (of_model, of_pca, expected) in [
        (Some(0.9), Some(0.95), Some(true)),
        (Some(0.9), Some(0.9 - PCA_MARGIN), Some(true)),
        (Some(0.9), Some(0.8949), Some(false)),
        (None, None, None),
    ] {
        (model.auroc, pca.auroc) = (of_model, of_pca);
        assert_eq!(pca_does_as_well(&model, &pca), expected, "{of_model:?} {of_pca:?}");
    }
}

#[test]
fn the_smaller_model_is_the_one_to_ship() {
    let of_sizes = |own, other| {
        warnings(|report| {
            let pca = report.pca.as_mut().expect("it was fitted");
            (report.model.auroc, pca.auroc) = (Some(0.9), Some(0.8999));
            (report.model.flash_bytes, pca.flash_bytes) = (own, other);
        })
    };
    assert_eq!(
        of_sizes(100_000, 12_500),
        ["PCA does as well here: ship it, it is 8.0 times smaller. Its AUROC is 0.900, the \
          autoencoder's 0.900. Its blob is pca.int8.aeb, beside this page."]
    );
    // Not smaller: the page does not say so.
    assert!(of_sizes(10_000, 20_000)[0].contains("takes 2.0 times the flash"));
    assert!(of_sizes(10_000, 10_000)[0].contains("the simpler one"));
    assert!(warnings(|_| {}).is_empty(), "where PCA does worse there is no warning");
    let mut without = example(false);
    without.warnings.clear();
    assert!(without.with_warnings().warnings.is_empty());
}

#[test]
fn false_alarms_beyond_what_calibration_allows_for_are_a_warning() {
    let of = |hits| warnings(|report| report.model.false_alarms = Proportion::new(hits, 388, 0.95));
    // The law of the calibration reaches to 3.17 %, the interval of 20 of 388 down to 3.18 %.
    assert!(of(19).is_empty());
    let found = of(20);
    assert_eq!(found.len(), 1);
    assert!(plain(&found[0]).contains("20 of 388 held-out normal windows, where 2 % was wanted"));
}

#[test]
fn worse_than_chance_and_a_loss_by_quantising_are_warnings() {
    let found = warnings(|report| {
        report.model.auroc = Some(0.4);
        report.pca = None;
        report.float_agreement.auroc_change = Some(-0.0031);
    });
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("Worse than chance: AUROC 0.400."));
    assert_eq!(found[1], "Quantising costs 0.0031 of AUROC.");
    assert!(warnings(|report| report.float_agreement.auroc_change = Some(-0.003)).is_empty());
}

#[test]
fn a_label_below_normal_is_named_although_all_together_are_well_told() {
    let of = |auroc| {
        warnings(|report| {
            let detection = report.detection.as_mut().expect("abnormal windows");
            detection.by_label[1].auroc = auroc;
        })
    };
    let found = of(0.053);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`limp` scores below normal: AUROC 0.053, "), "{}", found[0]);
    assert!(found[0].contains("a rule of its own"), "{}", found[0]);
    // 388 normal windows and 159 that do not overlap: one label in forty is below 0.447 by chance.
    assert_eq!([0.44, 0.45].map(|auroc| of(auroc).len()), [1, 0]);
    // A single one says nothing that is not said of all.
    let single = warnings(|report| {
        let detection = report.detection.as_mut().expect("abnormal windows");
        detection.by_label.truncate(1);
        (detection.by_label[0].auroc, detection.int8.auroc) = (0.1, 0.1);
        report.model.auroc = Some(0.1);
    });
    assert!(single.iter().all(|warning| !warning.contains("scores below normal")), "{single:?}");
}

#[test]
fn the_command_line_has_events_labels_and_both_errors() {
    let mut report = example(true);
    let lines = detection_lines(&report);
    assert!(lines[0].starts_with("AUROC: int8 0."), "{lines:?}");
    assert!(lines[1].starts_with("partial AUROC, up to a false-alarm rate of 0.1: int8 0."));
    assert!(lines[2..].iter().all(|line| line.contains(", partial AUROC 0.")), "{lines:?}");
    assert_eq!(lines.len(), 2 + 3);
    let events = report.events.clone().expect("a signal");
    assert_eq!(
        event_lines(&events),
        [
            "events: 2 of 4 found, 21 samples (0.42 s) after they began in the median, 40 (0.80 s) \
             at most",
            "1 event lies in no window, since the recording or the stride leaves none: not judged",
            "false alarms: 5 stretches in 776 normal windows, 36.24 an hour",
        ]
    );
    let mut errors = report.reconstruction.take().expect("held-out windows");
    assert_eq!(
        reconstruction_line(&errors),
        "MSE of held-out normal windows: int8 0.000123, float 0.000115, PCA 0.000131, mean window \
         0.004200"
    );
    errors.pca = None;
    errors.without_pca = Some(WithoutPca::TooLarge { values: 6_400, most: 4_096 });
    let line = reconstruction_line(&errors);
    assert!(line.contains("PCA not fitted: a window has 6400 values, more than 4096"), "{line}");
    errors.without_pca = Some(WithoutPca::NotWanted);
    assert!(reconstruction_line(&errors).contains("PCA not fitted, as was asked"));
}

#[test]
fn json_has_the_figures_and_no_plots() {
    let report = example(true);
    let json = serde_json::to_value(&report).expect("it has no map with odd keys");
    assert_eq!(json["threshold"]["threshold"], report.threshold.threshold);
    assert_eq!(json["threshold"]["digest"], report.threshold.digest);
    assert_eq!(json["model"]["false_alarms"]["hits"], report.model.false_alarms.hits);
    assert_eq!(json["detection"]["int8"]["auroc"], report.model.auroc.expect("known"));
    assert_eq!(json["detection"]["by_label"][2]["label"], "stumble");
    assert_eq!(
        json["float_agreement"]["held_out"]["to_alarm"],
        report.float_agreement.held_out.to_alarm
    );
    assert_eq!(json["pca"]["flash_bytes"], 13_056);
    assert_eq!(json["data"]["roles"][3]["name"], "abnormal");
    assert_eq!(json["events"]["found"], 2);
    assert!(json["detection"]["by_label"][2]["partial_auroc"].is_number());
    assert_eq!(json["reconstruction"]["pca"], 0.000_131);
    assert!(json.get("strip").is_none() && json.get("scores").is_none());
    assert!(json["detection"]["int8"].get("roc").is_none());

    let json = serde_json::to_value(example(false)).expect("it has no map with odd keys");
    assert!(json["detection"].is_null() && json["model"]["auroc"].is_null());
}
