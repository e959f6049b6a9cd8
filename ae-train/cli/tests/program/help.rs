//! What the program says about itself, and `fetch` where nobody answers.

use crate::workshop::Workshop;

/// Every verb that people see, and words that its help must have.
const VERBS: [(&str, &[&str]); 17] = [
    (
        "train",
        &[
            "Train an autoencoder",
            "--resume",
            "--architecture",
            "--hidden",
            "--latent",
            "--seed",
            "--json",
        ],
    ),
    ("detect", &["Train a detector", "--window", "--normal", "--alpha", "--counts-per-unit"]),
    ("monitor", &["Play signals", "--data", "--board", "exit code is 1"]),
    ("quantize", &["Make a blob", "--part", "--calibration", "model id"]),
    (
        "import",
        &["Make a blob of a model", "--calibrate", "--latent-layer", "--activation", "float32"],
    ),
    ("info", &["Show what a blob holds", "--json"]),
    ("evaluate", &["how well a blob reconstructs", "signal-to-noise", "--json"]),
    ("verify", &["Compare a blob with the run", "first layer", "exit code is 1"]),
    ("reconstruct", &["Reconstruct test images", ".png", ".npy"]),
    ("encode", &["Encode test images", "int8", "float32"]),
    ("decode", &["Decode latents", "--in", "(images, latent)"]),
    ("export", &["firmware project", "Write a folder for C"]),
    ("keygen", &["Make a pair of Ed25519 keys", "NAME.key", "NAME.pub", "AE_PUBLIC_KEY"]),
    ("sign", &["Sign a blob", "--key", "--model-version", "--purpose", "signed.aeb", "--again"]),
    ("update", &["Bring a new model", "--board", "--port", "--flash", "goes on where it was"]),
    ("fetch", &["Download a dataset", "SHA-256", "--from"]),
    ("completions", &["completion script", "bash"]),
];

#[test]
fn every_verb_explains_itself() {
    let workshop = Workshop::new();
    let overview = workshop.ok("--help");
    assert!(overview.text().contains("Exit codes: 0"), "{}", overview.text());
    for (verb, words) in VERBS {
        let line = overview.text().lines().find(|line| line.trim_start().starts_with(verb));
        let line = line.unwrap_or_else(|| panic!("{verb} is not in the overview"));
        assert!(line.split_whitespace().count() > 3, "{verb} is not explained: {line}");
        let help = workshop.ok(&format!("{verb} --help"));
        let help = help.text().split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(help.contains(word), "{verb}: no `{word}` in: {help}");
        }
    }
}

#[test]
fn without_a_verb_there_is_help() {
    let workshop = Workshop::new();
    let finished = workshop.run("");
    assert_eq!(finished.code, Some(2));
    for word in ["Usage: ae-train", "train", "verify", "--help"] {
        assert!(finished.stderr.contains(word), "{word}: {}", finished.stderr);
    }
    let version = workshop.ok("--version");
    assert_eq!(version.text().trim(), concat!("ae-train ", env!("CARGO_PKG_VERSION")));
    let finished = workshop.run("trian");
    assert_eq!(finished.code, Some(2));
    assert!(finished.stderr.contains("'train'"), "{}", finished.stderr);
}

#[test]
fn completions_of_every_shell_know_every_verb() {
    let workshop = Workshop::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = workshop.ok(&format!("completions {shell}"));
        for (verb, _) in VERBS {
            assert!(script.text().contains(verb), "{shell}: no {verb}");
        }
        assert!(script.text().contains("weight-average"), "{shell}");
    }
    assert_eq!(workshop.run("completions tcsh").code, Some(2));
}

#[test]
fn fetch_from_where_nobody_answers_says_what_to_check() {
    let workshop = Workshop::new();
    let message = workshop.refused(
        "fetch fashion-mnist --from http://127.0.0.1:1/",
        &["http://127.0.0.1:1/train-images-idx3-ubyte.gz", "check the network", "--from"],
    );
    assert_eq!(message.matches("refused").count(), 1, "the reason is given once: {message}");
    workshop.refused("fetch fashion-mnist --from https://127.0.0.1:1/", &["begins with http://"]);
    workshop.refused("fetch fashion-mnist --from /somewhere", &["begins with http://"]);
    assert_eq!(workshop.run("fetch imagenet").code, Some(2));
    // Nothing that could later pass for the dataset.
    for name in workshop.names("cache/fashion-mnist") {
        assert!(name.ends_with(".part"), "{name}");
    }
}
