//! Settings that cannot be: told before anything is written.

use crate::workshop::Workshop;

#[test]
fn numbers_that_cannot_be_are_named_and_leave_no_folder() {
    let workshop = Workshop::new();
    for (options, words) in [
        ("--latent 0", &["latent", "--latent 1"][..]),
        ("--latent 70000", &["70000", "at most 8192"]),
        ("--hidden 0", &["hidden layer 0", "width 0"]),
        ("--hidden 12,0,6", &["hidden layer 1", "width 0"]),
        ("--hidden abc", &["--hidden", "`abc` is not a width", "256,128", "none"]),
        ("--hidden 12,,6", &["--hidden", "is not a width"]),
        ("--hidden -3", &["-3"]),
        ("--hidden 8193", &["8193", "at most 8192"]),
        ("--hidden 60000,60000", &["weights and biases", "268435456", "narrower"]),
        ("--hidden 18446744073709551615", &["narrower"]),
        ("--hidden 99999999999999999999", &["is not a width"]),
        ("--epochs 0", &["epochs is 0", "from 1 to 1000000"]),
        ("--epochs 4294967296", &["4294967296"]),
        ("--batch-size 0", &["batch_size is 0", "at least 1"]),
        ("--learning-rate 0", &["learning_rate is 0", "above 0"]),
        ("--learning-rate NaN", &["learning_rate is NaN", "finite"]),
        ("--learning-rate inf", &["learning_rate is inf", "finite"]),
        ("--learning-rate fast", &["fast"]),
        ("--weight-average 1", &["weight_average is 1", "below 1"]),
        ("--weight-average NaN", &["weight_average is NaN"]),
        ("--keep-best 0", &["keep_best is 0"]),
        ("--keep-best 1", &["keep_best is 1", "below 1"]),
        ("--keep-best 0.001", &["held-out"]),
        ("--keep-best 0.999", &["training set"]),
        ("--variational -1", &["variational is -1", "at least 0"]),
        ("--variational inf", &["variational is inf", "finite"]),
        ("--batch-norm --tied", &["--batch-norm", "cannot be used with", "--tied"]),
        ("--batch-norm --start pca", &["start is pca", "give --start glorot"]),
        ("--batch-norm --batch-size 1", &["batch_size is 1", "at least 2"]),
        ("--batch-norm --hidden none", &["nothing to normalise", "leave --batch-norm out"]),
        ("--tied --start pca", &["start is pca", "give --start glorot"]),
        ("--seed 18446744073709551615", &["seed", "2^63"]),
        ("--threads 0", &["--threads"]),
        ("--activation tanh", &["tanh", "relu, gelu and silu"]),
        ("--loss hinge", &["hinge", "bce", "mse"]),
        ("--recipe secret", &["secret", "article"]),
        ("--baseline --no-baseline", &["cannot be used with"]),
        ("--name other", &["cannot be used with"]),
    ] {
        workshop.refused(&format!("train --data data --out run {options}"), words);
        assert!(!workshop.exists("run"), "{options}: a run folder was made");
    }
    let deep = ["3"; 16].join(",");
    let line = format!("train --data data --out run --hidden {deep}");
    workshop.refused(&line, &["16 hidden widths", "at most 15"]);
    assert!(!workshop.exists("run"));
}

#[test]
fn the_most_layers_that_a_blob_holds_are_not_refused() {
    let workshop = Workshop::new();
    let deep = ["3"; 15].join(",");
    let line = "train --data data --out run --epochs 1 --latent 2 --no-baseline --hidden";
    workshop.ok(&format!("{line} {deep}"));
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let workshop = Workshop::with_run();
    workshop.write("file", b"kept");
    // A file where a folder must be made is refused to the superuser too.
    let line = "train --data data --epochs 1 --out file";
    workshop.refused(line, &["cannot make the folder file"]);
    let message = workshop.refused(&format!("{line}/run"), &["cannot make the folder file/run"]);
    // The reason is given once.
    assert_eq!(message.matches("(os error").count(), 1, "{message}");

    for line in [
        "encode run/model.int8.aeb --data data --out file/x.npy",
        "reconstruct run/model.int8.aeb --data data --out file/x.npy",
        "quantize run --out file/x.npy",
    ] {
        workshop.refused(line, &["cannot write file/x.npy"]);
    }
    workshop.refused(
        "encode run/model.int8.aeb --data data --out missing/x.npy",
        &["cannot write missing/x.npy", "there is no folder missing"],
    );
    assert_eq!(workshop.read("file"), b"kept");
}

#[test]
fn a_training_that_diverges_says_where_and_what_to_try() {
    let workshop = Workshop::new();
    let line = "train --data data --epochs 3 --warmup-steps 0 --no-baseline --out";
    for (run, rate, what) in [
        ("a", "1e20", "the loss is NaN at step "),
        ("b", "1e38", "a weight of layer 0 is not finite at the end of epoch 1"),
    ] {
        let words = [what, "epoch", "diverged", "lower --learning-rate", "--warmup-steps"];
        workshop.refused(&format!("{line} {run} --learning-rate {rate}"), &words);
        for file in ["weights.safetensors", "model.int8.aeb", "summary.json"] {
            assert!(!workshop.exists(&format!("{run}/{file}")), "{file}");
        }
    }
}

#[test]
fn a_float_model_that_the_blob_does_not_reproduce_is_a_mismatch() {
    let workshop = Workshop::new();
    // Finite weights so large that the order of a sum shows: no error, and no agreement either.
    let finished = workshop
        .run("train --data data --out run --epochs 3 --learning-rate 1e6 --warmup-steps 500 --no-baseline --json");
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert_eq!(finished.json()["agreement"]["holds"], false);
    assert!(workshop.read_text("run/summary.md").contains("Agreement: NO"));
}
