use crate::data::{Samples, TINY};
use crate::support::{Place, golden};

#[test]
fn a_small_memory_spills_and_gives_the_same() {
    let place = Place::new();
    // Some 40 MB in memory.
    place.write("samples.csv", Samples::new(40, 12_000).csv());
    let model = golden(TINY).display().to_string();
    let score = |limit: &str, out: &str| {
        place.ok(&[
            "score",
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
            "--gap",
            "1.5",
            "--sorted",
            "--cores",
            "2",
            "--memory-limit",
            limit,
            "--out",
            out,
        ])
    };
    score("1GB", "large.csv");
    score("12MB", "small.csv");
    let read = |name: &str| std::fs::read(place.path(name)).unwrap();
    assert!(read("large.csv") == read("small.csv"));
}

#[test]
fn too_small_a_memory_says_what_to_give() {
    let place = Place::new();
    place.write("samples.csv", Samples::new(4, 6000).csv());
    let model = golden(TINY).display().to_string();
    let errors = place.fails(&[
        "score",
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
        "--sorted",
        "--cores",
        "2",
        "--memory-limit",
        "100kB",
        "--out",
        "s.csv",
    ]);
    assert!(errors.contains("the memory is not enough"), "{errors}");
    assert!(errors.contains("--memory-limit"), "{errors}");
}
