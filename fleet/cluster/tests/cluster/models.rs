//! One executor has the model, the other has not.

use crate::archive::{Archive, OTHER_BLOB, empty_models, rows};
use crate::programs::Cluster;

/// The error that a query for scores meets, when the second executor has `other` as its
/// models; and that executor's name.
async fn error_of_second(archive: &Archive, other: &std::path::Path) -> (String, String) {
    let mut cluster = Cluster::without_executors();
    cluster.add(&archive.models());
    let second = cluster.add(other);
    cluster.wait_for(2).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let error = rows(&client, &archive.scores()).await.unwrap_err().to_string();
    (error, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_one_executor_lacks() {
    let archive = Archive::new(2, 8, 100);
    let folder = tempfile::tempdir().unwrap();
    let other = empty_models(folder.path());
    let (error, second) = error_of_second(&archive, &other).await;
    for part in [&second, &archive.digest.to_string(), other.to_str().unwrap()] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
    assert!(error.starts_with("Execution error: executor "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_its_digest_on_one_executor() {
    let archive = Archive::new(2, 8, 100);
    let folder = tempfile::tempdir().unwrap();
    let other = empty_models(folder.path());
    std::fs::copy(OTHER_BLOB, other.join(archive.blob().file_name().unwrap())).unwrap();
    let (error, second) = error_of_second(&archive, &other).await;
    let found = ae_fleet_functions::Digest::of(&std::fs::read(OTHER_BLOB).unwrap());
    for part in [&second, &archive.digest.to_string(), &found.to_string(), other.to_str().unwrap()]
    {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
}
