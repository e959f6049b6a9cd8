//! What is wrong is named, with what was expected and what was found.

mod archive;

use std::sync::Arc;

use ae_fleet_functions::{Digest, FolderSource, Functions, Models, StoreSource};
use archive::{Archive, golden};
use datafusion::prelude::SessionContext;
use object_store::local::LocalFileSystem;

const COUNTS: &str = "tiny.counts.int8.aeb";

/// The error of an expression for which `{}` is the model of counts.
async fn error_of(expression: &str) -> String {
    let archive = Archive::of(COUNTS, 2, 60);
    let expression = expression.replace("{}", &archive.model.to_string());
    let query = format!("SELECT {expression} FROM archive");
    archive.query(&query, 20, 1).await.unwrap_err().to_string()
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_named() {
    let window =
        |values: &str| format!("ae_score('{{}}', arrow_cast(make_array({values}), 'List(Int16)'))");
    for (expression, expected) in [
        (window("1, 2, 3"), "the window in row 0 has 3 values, where model"),
        (window("1, 2, 3"), "takes 4, which are 2 samples of 2"),
        (window("1, NULL, 3, 4"), "the list in row 0 has a NULL among its values"),
        (
            "ae_score('{}', arrow_cast(make_array(1, 2, 3, 4), 'List(UInt8)'))".into(),
            "the values are UInt8, where model",
        ),
        (
            "ae_score('{}', make_array(1, 2, 3, 4))".into(),
            "takes a list of UInt8, Int16 or Float32, or bytes as its window, and found List",
        ),
        ("ae_score('{}', time)".into(), "as its window, and found UInt64"),
        ("ae_score(time, sample)".into(), "ae_score takes text as its model, and found UInt64"),
        ("ae_score('{}')".into(), "ae_score takes a model and a window, and found 1 arguments"),
        ("ae_score('tiny', sample)".into(), "`tiny` is no model: a model is named by the SHA-256"),
        (
            "ae_decisions('{}', arrow_cast(make_array(1), 'List(Int16)')) OVER (ORDER BY time)"
                .into(),
            "the sample in row 0 has 1 values, where model",
        ),
        (
            "ae_decisions('{}', sample, 1) OVER (ORDER BY time)".into(),
            "ae_decisions takes a Boolean as its restart, and found Int64",
        ),
        (
            "ae_decisions(CASE WHEN time = 30 THEN 'x' ELSE '{}' END, sample) OVER (ORDER BY time)"
                .into(),
            "the model of ae_decisions must be the same in all rows of a partition",
        ),
        ("ae_threshold(time, 1.5)".into(), "the alpha of ae_threshold must be above 0 and below 1"),
        (
            "ae_threshold(time, time)".into(),
            "the alpha of ae_threshold must be one number for all rows",
        ),
        (
            "ae_threshold(DISTINCT time, 0.1)".into(),
            "the scores of ae_threshold must be counted each",
        ),
        (
            "ae_threshold('a', 0.1)".into(),
            "ae_threshold takes an integer that ae_score gave as its score",
        ),
        ("ae_drift(time, 0) OVER (ORDER BY time)".into(), "the delta of ae_drift must be above 0"),
    ] {
        let error = error_of(&expression).await;
        assert!(error.contains(expected), "{expression}\n{error}\nnot: {expected}");
    }
}

#[tokio::test]
async fn a_model_without_a_detector_has_no_decisions() {
    let archive = Archive::of_images("tiny.int8.aeb", 100);
    for function in ["ae_exceeds('{}', image)", "ae_decisions('{}', image) OVER ()"] {
        let query =
            format!("SELECT {function} FROM archive").replace("{}", &archive.model.to_string());
        let error = archive.query(&query, 20, 1).await.unwrap_err().to_string();
        assert!(error.contains("it is a model without a detector"), "{error}");
    }
}

#[tokio::test]
async fn null_gives_null() {
    let archive = Archive::of(COUNTS, 1, 20);
    let model = archive.model;
    for expression in [
        format!("ae_score('{model}', NULL)"),
        "ae_score(NULL, sample)".to_owned(),
        format!("ae_evidence('{model}', NULL)"),
        format!("ae_encode('{model}', NULL)"),
        "ae_decisions(NULL, sample) OVER (ORDER BY time)".to_owned(),
        format!("ae_windows('{model}', NULL) OVER (ORDER BY time)"),
        "ae_drift(NULL, 0.1) OVER (ORDER BY time)".to_owned(),
        // A field of NULL, too.
        format!("ae_evidence('{model}', NULL)['score']"),
        format!(
            "ae_evidence('{model}', CASE WHEN time < 0 THEN make_array(sample[1], sample[2], sample[1], \
             sample[2]) END)['channel']"
        ),
        "(ae_decisions(NULL, sample) OVER (ORDER BY time))['alarm']".to_owned(),
        "(ae_drift(NULL, 0.1) OVER (ORDER BY time))['drifted']".to_owned(),
    ] {
        let query =
            format!("SELECT count(*) FROM (SELECT {expression} AS x FROM archive) WHERE x IS NULL");
        let found = archive.query(&query, 7, 2).await.unwrap();
        let text = datafusion::arrow::util::pretty::pretty_format_batches(&found).unwrap();
        assert!(text.to_string().contains("| 20 "), "{expression}\n{text}");
    }
}

#[tokio::test]
async fn models_of_several_rows_are_each_their_own() {
    let archive = Archive::of(COUNTS, 1, 40);
    let context = archive.context(8, 1);
    let other = golden::blob("tiny.groups.int8.aeb");
    // Registered in the same place as the archive's model.
    let models = Arc::new(Models::new(Vec::new()));
    let one = models.insert(archive.blob.clone()).unwrap();
    let two = models.insert(other).unwrap();
    Functions::new(models).register_with(&context);
    let window = "make_array(sample[1], sample[2], sample[1], sample[2])";
    let query = format!(
        "SELECT count(*) FROM (SELECT ae_score(CASE WHEN time % 3 = 0 THEN '{one}' WHEN time % 3 = 1 THEN \
         '{two}' END, {window}) AS mixed, CASE WHEN time % 3 = 0 THEN ae_score('{one}', {window}) WHEN \
         time % 3 = 1 THEN ae_score('{two}', {window}) END AS apart FROM archive) WHERE mixed IS NOT \
         DISTINCT FROM apart"
    );
    let found = context.sql(&query).await.unwrap().to_string().await.unwrap();
    assert!(found.contains("| 40 "), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_not_its_digest_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let blob = golden::blob(COUNTS);
    let digest = Digest::of(&blob);
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let sources: [Arc<dyn ae_fleet_functions::ModelSource>; 2] = [
        Arc::new(FolderSource::new(folder.path())),
        Arc::new(StoreSource::new(store, "".into(), "the store".to_owned())),
    ];
    for source in sources {
        let models = Arc::new(Models::new(vec![Arc::clone(&source)]));
        let context = SessionContext::new();
        Functions::new(Arc::clone(&models)).register_with(&context);
        let query = format!(
            "SELECT ae_score('{digest}', arrow_cast(make_array(1, 2, 3, 4), 'List(Int16)'))"
        );
        let run = || async { context.sql(&query).await?.collect().await };

        let path = folder.path().join(digest.file_name());
        let error = run().await.unwrap_err().to_string();
        assert!(error.contains(&format!("no model {digest} in {}", source.place())), "{error}");

        let mut wrong = blob.clone();
        wrong[40] ^= 1;
        std::fs::write(&path, &wrong).unwrap();
        let error = run().await.unwrap_err().to_string();
        assert!(
            error.contains(&format!("has the digest {}, and is refused", Digest::of(&wrong))),
            "{error}"
        );

        std::fs::write(&path, &blob).unwrap();
        assert_eq!(run().await.unwrap()[0].num_rows(), 1);
        std::fs::remove_file(&path).unwrap();
    }
    let missing = Models::new(vec![Arc::new(FolderSource::new("/no/such/folder"))]);
    let error = missing.get(&digest).unwrap_err().to_string();
    assert!(error.contains("the folder /no/such/folder cannot be read"), "{error}");
    let no_model = missing.insert(b"no model".to_vec()).unwrap_err().to_string();
    assert!(no_model.contains("is not a model"), "{no_model}");
}
