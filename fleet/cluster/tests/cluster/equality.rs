//! A scheduler with two executors gives what one process gives.

use crate::archive::{Archive, compared, rows};
use crate::programs::Cluster;
use datafusion::arrow::array::Array;

#[tokio::test(flavor = "multi_thread")]
async fn two_executors_give_what_one_process_gives() {
    let archive = Archive::new(7, 5, 1_000);
    let cluster = Cluster::with_two(&archive.models()).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let embedded = archive.embedded().await;
    for (query, expected_rows) in
        [(archive.scores(), 5_000), (archive.thresholds(), 7), (archive.decisions(), 5_000)]
    {
        let expected = rows(&embedded, &query).await.unwrap();
        assert_eq!(expected.num_rows(), expected_rows, "{query}");
        let found = rows(&client, &query).await.unwrap();
        assert_eq!(compared(&found, &expected), Ok(()), "{query}");
        // A comparison of nothing finds nothing.
        let last = expected.column(expected.num_columns() - 1);
        assert!(last.null_count() < last.len(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn built_in_functions_are_still_there() {
    let archive = Archive::new(3, 2, 50);
    let cluster = Cluster::with_two(&archive.models()).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let embedded = archive.embedded().await;
    let query = "SELECT upper(device) AS device, min(time) AS time, sum(abs(x)) AS sum, \
                 max(array_length(make_array(x, y))) AS length, \
                 stddev(y) AS deviation FROM samples GROUP BY device";
    let expected = rows(&embedded, query).await.unwrap();
    assert_eq!(expected.num_rows(), 3);
    let found = rows(&client, query).await.unwrap();
    // Deviations are sums of floats, which come in another order.
    let exact = [0, 1, 2, 3];
    let (found, expected) = (found.project(&exact).unwrap(), expected.project(&exact).unwrap());
    assert_eq!(compared(&found, &expected), Ok(()));
}
