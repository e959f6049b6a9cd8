//! The configuration of a run.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::{seeds, text};
use ae_run::RunConfig;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

thread_local! {
    static WHOLE: String = seeds::run_config();
}

fuzz_target!(init: begin::begin(seeds::config), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((kind, rest)) = input.split_first() else { return };
    // A text as it comes, or a whole one with other numbers.
    if kind % 2 == 0 {
        if let Ok(text) = std::str::from_utf8(rest) {
            read(text);
        }
    } else {
        let mut text = WHOLE.with(String::clone);
        let mut input = Source::new(rest);
        for _ in 0..4 {
            if input.is_empty() {
                break;
            }
            text = text::with_number(&text, &mut input);
        }
        read(&text);
    }
});

fn read(text: &str) {
    let config: RunConfig = match toml::from_str(text) {
        Ok(config) => config,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = toml::to_string_pretty(&config).expect("what was read can be written");
    let again: RunConfig = toml::from_str(&written).expect("what was written can be read");
    // As texts: a number that is none is not equal to itself.
    assert_eq!(toml::to_string_pretty(&again).expect("as before"), written);
    let is_recipe = config.recipe.validate();
    let is_model = config.model.validate();
    if is_recipe.is_ok() && is_model.is_ok() {
        tally::ACCEPTED.add();
        let most = config.recipe.learning_rate;
        for (step, steps) in [(0, 0), (0, 1), (7, 10), (u64::MAX, u64::MAX), (u64::MAX, 1)] {
            let rate = config.recipe.learning_rate_at(step, steps);
            assert!((0.0..=most).contains(&rate), "a rate of {rate}");
        }
        let shapes = config.model.shapes();
        assert!(shapes.windows(2).all(|pair| pair[0].outputs() == pair[1].inputs()));
        if config.model.architecture.is_none() {
            assert_eq!(shapes.len(), 2 * (config.model.hidden.len() + 1));
            let weights: usize = shapes.iter().map(|shape| shape.weights()).sum();
            assert_eq!(weights, config.model.multiply_adds());
        }
        let is_checked = config.model.architecture.is_some();
        assert!(shapes.iter().all(|shape| !is_checked || shape.geometry.check().is_ok()));
    }
    for error in [is_recipe.err().map(|e| e.to_string()), is_model.err().map(|e| e.to_string())] {
        assert!(error.is_none_or(|text| !text.is_empty()));
    }
}
