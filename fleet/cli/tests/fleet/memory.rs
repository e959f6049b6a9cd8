use crate::data::{Samples, TINY};
use crate::support::{Place, golden};

/// The decisions on a CSV file, sorted, within a limit: what is said on standard error.
fn decide(place: &Place, limit: &str, out: &str) -> std::process::Output {
    let model = golden(TINY).display().to_string();
    let columns = "--sample x y --device pump --time at --gap 1.5 --sorted --cores 2";
    let mut arguments = vec!["score", "--model", &model, "--data", "samples.csv"];
    arguments.extend(columns.split(' '));
    arguments.extend(["--memory-limit", limit, "--out", out]);
    place.run(&arguments)
}

#[test]
fn a_small_memory_spills_and_gives_the_same() {
    let place = Place::new();
    place.write("samples.csv", Samples::new(12, 6000).csv());
    let mut said = Vec::new();
    for (limit, out) in [("1GB", "large.csv"), ("6MB", "small.csv")] {
        let output = decide(&place, limit, out);
        assert_eq!(output.status.code(), Some(0));
        said.push(String::from_utf8(output.stderr).unwrap());
    }
    assert_eq!(said[0], "");
    assert!(said[1].contains("did not fit the memory and went over the disk"), "{}", said[1]);
    let read = |name: &str| std::fs::read(place.path(name)).unwrap();
    assert!(read("large.csv") == read("small.csv"));
}

#[test]
fn too_small_a_memory_says_what_to_give() {
    let place = Place::new();
    place.write("samples.csv", Samples::new(4, 6000).csv());
    let output = decide(&place, "100kB", "s.csv");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("of memory are not enough"), "{errors}");
    assert!(errors.contains("--memory-limit"), "{errors}");
    assert_eq!(place.names(), ["samples.csv"]);
}
