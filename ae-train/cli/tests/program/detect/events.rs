//! Faults that are shorter than a window, in a recording that goes on.

use std::fmt::Write;

use crate::machines::{QUICK, turning};
use crate::workshop::Workshop;

/// Samples between two faults begin.
const APART: usize = 200;
const FAULTS: usize = 30;

/// One recording with a fault of 3 samples, and the sixth of them each of 20.
fn short_faults() -> Vec<u8> {
    let mut text = String::from("t,x,y,state\n");
    for (at, [x, y]) in turning(APART * (FAULTS + 1), 1.0, 0).into_iter().enumerate() {
        let (fault, into) = (at / APART, at % APART);
        let len = if fault % 6 == 0 { 20 } else { 3 };
        let is_faulty = fault > 0 && into < len;
        let (state, x) = if is_faulty { ("stuck", x + 3.0) } else { ("ok", x) };
        writeln!(text, "{at},{x:.3},{y:.3},{state}").unwrap();
    }
    text.into_bytes()
}

#[test]
fn faults_shorter_than_a_window_are_counted_and_found() {
    let workshop = Workshop::new();
    workshop.write("it.csv", &short_faults());
    let line = "--data it.csv --time t --label state --normal ok --rate 10";
    let made = workshop.ok(&format!("detect {line} {QUICK} --out run"));
    let told = made.text();
    let report = workshop.read_json("run/report.json");
    let events = &report["events"];
    assert_eq!((&events["events"], &events["judged"]), (&30.into(), &30.into()), "{told}");
    assert!(events["found"].as_u64().unwrap() >= 25, "{told}");
    assert!(events["false_alarms_per_hour"].is_number());
    // A window every 4 holds a sample of a fault of 3 at 4 or 5 places.
    let abnormal = report["data"]["roles"][3]["windows"].as_u64().unwrap();
    assert!((25 * 4 + 5 * 8..=25 * 5 + 5 * 9).contains(&abnormal), "{abnormal}");
    let found = events["found"].as_u64().unwrap();
    assert!(told.contains(&format!("events: {found} of 30 found, ")), "{told}");
    assert!(told.contains("MSE of held-out normal windows: int8 0."), "{told}");
    assert!(told.contains(", PCA 0."), "{told}");
    let page = workshop.read_text("run/report.html");
    assert!(page.contains(&format!("{found} of 30 events were found.")));
    assert!(page.contains("PCA, int8"));

    // The run plays what it held out as its report judges it.
    let played = workshop.ok("monitor run/model.int8.aeb --json").json();
    let recordings = played["recordings"].as_array().unwrap();
    let windows = |of: &str| -> u64 {
        let labels = recordings.iter().flat_map(|it| it["by_label"].as_array().unwrap());
        let with = labels.filter(|it| it["label"].as_str().unwrap().contains(of));
        with.map(|it| it["windows"].as_u64().unwrap()).sum()
    };
    assert_eq!(windows("stuck"), abnormal);

    // Without PCA its place says so.
    let made = workshop.ok(&format!("detect {line} {QUICK} --no-pca --out alone"));
    assert!(made.text().contains("PCA not fitted, as was asked"), "{}", made.text());
    assert!(workshop.read_text("alone/report.html").contains("not fitted, as was asked"));
}
