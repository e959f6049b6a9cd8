//! Window functions that carry their state from row to row are not cut into parts.

use crate::archive::{Archive, compared, rows};
use crate::programs::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cannot_turn_parallel_windows_on() {
    let archive = Archive::new(1, 4, 500);
    let cluster = Cluster::with_two(&archive.models()).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let embedded = archive.embedded().await;
    // The adaptive planner alone knows them.
    for setting in ["adaptive", "parallel_window"] {
        let set = format!("SET ballista.planner.{setting}.enabled = true");
        client.sql(&set).await.unwrap().collect().await.unwrap();
    }
    for frame in ["", "RANGE BETWEEN 5 PRECEDING AND CURRENT ROW"] {
        let query = format!(
            "SELECT device, time, ae_decisions('{}', make_array(x, y)) \
             OVER (ORDER BY time {frame}) AS decision FROM samples",
            archive.digest
        );
        let expected = rows(&embedded, &query).await.unwrap();
        let found = rows(&client, &query).await.unwrap();
        assert_eq!(compared(&found, &expected), Ok(()), "{frame:?}");
    }
}
