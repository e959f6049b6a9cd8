//! Programs that are killed in the middle of a query: the same result, or an error that says
//! what to do. Never another result.

use crate::archive::{Archive, Seeded, compared, rows};
use crate::programs::Cluster;
use datafusion::arrow::array::RecordBatch;
use datafusion::prelude::SessionContext;
use std::time::{Duration, Instant};

/// Queries that are disturbed.
const MOMENTS: u32 = 3;

/// How one ended.
#[derive(Debug, PartialEq)]
enum End {
    SameResult,
    SaysWhatToDo,
}

fn judged(found: datafusion::error::Result<RecordBatch>, expected: &RecordBatch) -> End {
    match found {
        Ok(found) => {
            assert_eq!(compared(&found, expected), Ok(()), "a wrong or partial result");
            End::SameResult
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("run the query again"), "{text}");
            println!("{text}");
            End::SaysWhatToDo
        }
    }
}

/// The query's rows, with `disturb` called `after` it began.
async fn disturbed(
    client: &SessionContext,
    query: &str,
    after: Duration,
    disturb: impl FnOnce(),
) -> datafusion::error::Result<RecordBatch> {
    let (client, query) = (client.clone(), query.to_owned());
    let running = tokio::spawn(async move { rows(&client, &query).await });
    tokio::time::sleep(after).await;
    disturb();
    running.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor() {
    let archive = Archive::new(23, 12, 400);
    let mut cluster = Cluster::with_two(&archive.models()).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let query = archive.decisions();
    let expected = rows(&archive.embedded().await, &query).await.unwrap();

    let begun = Instant::now();
    assert_eq!(judged(rows(&client, &query).await, &expected), End::SameResult);
    let undisturbed = begun.elapsed();

    let mut seeded = Seeded(20);
    for moment in 0..MOMENTS {
        // One in each part of the query's time.
        let fraction = (f64::from(moment) + seeded.fraction()) / f64::from(MOMENTS);
        let after = undisturbed.mul_f64(fraction);
        let which = (seeded.next() % 2) as usize;
        let mut victim = cluster.executors.remove(which);
        let begun = Instant::now();
        let found = disturbed(&client, &query, after, || {
            victim.kill();
        })
        .await;
        let end = judged(found, &expected);
        println!(
            "killed after {after:.2?} of {undisturbed:.2?}: {end:?} after {:.2?}",
            begun.elapsed()
        );
        cluster.wait_for(1).await;
        cluster.add(&archive.models());
        cluster.wait_for(2).await;
    }
    // The cluster is as it was.
    assert_eq!(judged(rows(&client, &query).await, &expected), End::SameResult);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_executors() {
    let archive = Archive::new(5, 8, 1_000);
    let mut cluster = Cluster::with_two(&archive.models()).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let query = archive.decisions();
    let expected = rows(&archive.embedded().await, &query).await.unwrap();
    let mut victims = std::mem::take(&mut cluster.executors);
    let found = disturbed(&client, &query, Duration::from_millis(300), || {
        victims.iter_mut().for_each(|victim| {
            victim.kill();
        });
    })
    .await;
    assert_eq!(judged(found, &expected), End::SaysWhatToDo);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduler() {
    let archive = Archive::new(5, 8, 1_000);
    let mut cluster = Cluster::with_two(&archive.models()).await;
    let client = archive.client(&cluster.address.to_string()).await;
    let query = archive.decisions();
    let expected = rows(&archive.embedded().await, &query).await.unwrap();
    let scheduler = &mut cluster.scheduler;
    let found = disturbed(&client, &query, Duration::from_millis(300), || {
        scheduler.kill();
    })
    .await;
    assert_eq!(judged(found, &expected), End::SaysWhatToDo);
}
