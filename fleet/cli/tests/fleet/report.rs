use std::fs;

use crate::data::{Samples, TINY};
use crate::support::{Place, golden};

#[test]
fn the_page_is_whole_and_needs_nothing_else() {
    let place = Place::new();
    place.archive(TINY, 20 * 400, 20);
    let model = golden(TINY).display().to_string();
    let told = place.ok(&[
        "report",
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--time",
        "time",
        "--device-strip",
        "d00003",
        "--out",
        "fleet.html",
    ]);
    assert!(told.starts_with("8000 windows of 20 devices, "), "{told}");
    let page = fs::read_to_string(place.path("fleet.html")).unwrap();
    for part in ["<!DOCTYPE html>", "Map of scores", "d00019", "own threshold", "drifts since"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("<p class=\"channel\">d00003 "), "the strip");
    assert!(page.trim_end().ends_with("</html>"));
    for outside in ["http://", "https://", "<script", "<img", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(place.names(), ["archive", "fleet.html"]);
}

#[test]
fn samples_have_alarms() {
    let place = Place::new();
    place.write("samples.csv", Samples::new(2, 300).csv());
    let model = golden(TINY).display().to_string();
    place.ok(&[
        "report",
        "--model",
        &model,
        "--data",
        "samples.csv",
        "--sample",
        "x",
        "y",
        "--device",
        "pump",
        "--time",
        "at",
        "--out",
        "fleet.html",
    ]);
    let page = fs::read_to_string(place.path("fleet.html")).unwrap();
    assert!(page.contains("decisions, debounced"));
}

#[test]
fn names_of_devices_are_escaped() {
    let place = Place::new();
    let csv = Samples::new(1, 100).csv().replace("p0", "<b>&");
    place.write("samples.csv", csv);
    let model = golden(TINY).display().to_string();
    place.ok(&[
        "report",
        "--model",
        &model,
        "--data",
        "samples.csv",
        "--sample",
        "x",
        "y",
        "--device",
        "pump",
        "--time",
        "at",
        "--out",
        "fleet.html",
    ]);
    let page = fs::read_to_string(place.path("fleet.html")).unwrap();
    assert!(page.contains("&lt;b&gt;&amp;"));
    assert!(!page.contains("<b>&"));
}

#[test]
fn a_device_that_is_not_there_is_named() {
    let place = Place::new();
    place.archive(TINY, 100, 2);
    let model = golden(TINY).display().to_string();
    let errors = place.fails(&[
        "report",
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--time",
        "time",
        "--device-strip",
        "d7",
        "--out",
        "fleet.html",
    ]);
    assert!(errors.contains("--device-strip: there is no device \"d7\""), "{errors}");
}
