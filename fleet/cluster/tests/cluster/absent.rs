//! What is not there, and what the error says to do.

use crate::archive::functions;
use crate::programs::{Cluster, refused};
use ae_fleet_cluster::{connect, session_config};
use std::io::{Read, Write};
use std::net::TcpListener;

async fn error(scheduler: &str) -> String {
    connect(scheduler, &functions(), session_config()).await.err().unwrap().to_string()
}

/// A port at which nothing listens.
fn silent_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn no_scheduler() {
    let address = format!("df://127.0.0.1:{}", silent_port());
    let error = error(&address).await;
    assert!(error.contains(&address) && error.contains("`ae-fleet-scheduler`"), "{error}");
}

#[tokio::test]
async fn no_address() {
    let error = error("http://127.0.0.1:80").await;
    assert!(error.contains("expected df://HOST:PORT"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("df://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nServer: printer\r\n\r\n");
    });
    let error = error(&address).await;
    assert!(error.contains(&address) && error.contains("printer"), "{error}");
}

#[tokio::test]
async fn no_executors() {
    let cluster = Cluster::without_executors();
    let error = error(&cluster.address.to_string()).await;
    let authority = cluster.address.authority();
    assert!(error.contains(&format!("`ae-fleet-executor --scheduler {authority}`")), "{error}");
}

#[test]
fn an_executor_without_a_scheduler() {
    let address = format!("127.0.0.1:{}", silent_port());
    let error = refused(true, &["--scheduler", &address]);
    assert!(error.contains(&address) && error.contains("`ae-fleet-scheduler`"), "{error}");
}

#[test]
fn an_executor_without_its_models() {
    let error = refused(true, &["--models", "/no/such/folder"]);
    assert!(error.contains("/no/such/folder") && error.contains("models add"), "{error}");
}

#[test]
fn a_scheduler_on_a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = refused(false, &["--port", &address.port().to_string()]);
    assert!(error.contains(&address.to_string()) && error.contains("--port"), "{error}");
}
