use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::*;

/// What the server does with one request.
type Answer = Box<dyn FnOnce(&mut TcpStream) + Send>;

/// A server on this machine that gives one answer a connection, then is gone.
struct Server {
    url: String,
    requests: Receiver<String>,
}

impl Server {
    fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (send, requests) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head: Vec<String> =
                    lines.map(|line| line.unwrap()).take_while(|line| !line.is_empty()).collect();
                send.send(head.join("\n").to_lowercase()).unwrap();
                answer(&mut stream);
            }
        });
        Self { url, requests }
    }

    /// For each request so far: the file asked for, and the range if one was.
    fn asked(&self) -> Vec<(String, Option<String>)> {
        let parse = |head: String| {
            let path = head.split_whitespace().nth(1).unwrap().to_string();
            let range = head.lines().find_map(|line| line.strip_prefix("range: "));
            (path, range.map(String::from))
        };
        self.requests.try_iter().map(parse).collect()
    }
}

/// A status line, `Content-Length` and other headers, then a body that may be shorter.
fn reply(status: &str, headers: &str, length: usize, body: &[u8]) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    bytes.extend(body);
    Box::new(move |stream| stream.write_all(&bytes).unwrap())
}

fn whole(content: &[u8]) -> Answer {
    reply("200 OK", "", content.len(), content)
}

fn rest(content: &[u8], from: usize) -> Answer {
    let range = format!("Content-Range: bytes {from}-{}/{}\r\n", content.len() - 1, content.len());
    let body = &content[from..];
    reply("206 Partial Content", &range, body.len(), body)
}

/// Sends the answer, then nothing more until the other side gives up.
fn then_hang(answer: Answer) -> Answer {
    Box::new(move |stream| {
        answer(stream);
        // Whether the client closes or resets, the wait is over.
        let _ = stream.read(&mut [0]);
    })
}

fn content() -> Vec<u8> {
    (0..200_000_u64).map(|i| (i * i / 7) as u8).collect()
}

fn remote(name: &str, content: &[u8]) -> RemoteFile {
    RemoteFile {
        name: name.into(),
        bytes: content.len() as u64,
        sha256: hex(&Sha256::digest(content)),
    }
}

struct Cache(tempfile::TempDir);

impl Cache {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Fetches `files` with a short time-out; gives the starts and ends of files as text.
    fn fetch(&self, server: &Server, files: &[RemoteFile]) -> Result<Vec<String>, FetchError> {
        let timeouts = Timeouts { connect: Duration::from_secs(5), stall: Duration::from_secs(1) };
        let mut told = Vec::new();
        fetch_files(&server.url, self.0.path(), files, timeouts, &mut |event| {
            told.push(match event {
                Event::AlreadyThere { name } => format!("{name} there"),
                Event::Started { name, received, .. } => format!("{name} from {received}"),
                Event::Finished { name } => format!("{name} done"),
                Event::Advanced { .. } => return,
            });
        })?;
        Ok(told)
    }

    fn assert_holds_only(&self, name: &str, bytes: &[u8]) {
        assert_eq!(self.names(), [name]);
        assert!(fs::read(self.path(name)).unwrap() == bytes);
    }
}

#[test]
fn files_are_fetched_once() {
    let (a, b) = (content(), b"second".to_vec());
    let files = [remote("a.gz", &a), remote("b.gz", &b)];
    let cache = Cache::new();
    let server = Server::start(vec![whole(&a), whole(&b)]);
    let told = cache.fetch(&server, &files).unwrap();
    assert_eq!(told, ["a.gz from 0", "a.gz done", "b.gz from 0", "b.gz done"]);
    assert_eq!(cache.names(), ["a.gz", "b.gz"]);
    assert!(fs::read(cache.path("a.gz")).unwrap() == a);
    assert_eq!(server.asked(), [("/a.gz".into(), None), ("/b.gz".into(), None)]);

    // The server is gone by now: nothing more is asked.
    let told = cache.fetch(&server, &files).unwrap();
    assert_eq!(told, ["a.gz there", "b.gz there"]);
}

#[test]
fn the_way_is_told_up_to_the_last_byte() {
    let content = content();
    let cache = Cache::new();
    let server = Server::start(vec![whole(&content)]);
    let mut last = 0;
    fetch_files(
        &server.url,
        &cache.path("made/on/the/way"),
        &[remote("a.gz", &content)],
        Timeouts::default(),
        &mut |event| {
            if let Event::Advanced { received } = event {
                assert!(received > last);
                last = received;
            }
        },
    )
    .unwrap();
    assert_eq!(last, content.len() as u64);
}

#[test]
fn a_wrong_file_in_the_cache_is_replaced() {
    let content = content();
    let mut wrong = content.clone();
    wrong[7] ^= 1;
    for there in [&wrong[..], b"short"] {
        let cache = Cache::new();
        cache.put("a.gz", there);
        let server = Server::start(vec![whole(&content)]);
        cache.fetch(&server, &[remote("a.gz", &content)]).unwrap();
        cache.assert_holds_only("a.gz", &content);
    }
}

#[test]
fn a_cut_download_is_continued() {
    let content = content();
    let files = [remote("a.gz", &content)];
    let cache = Cache::new();
    let cut = reply("200 OK", "", content.len(), &content[..70_001]);
    let server = Server::start(vec![cut, rest(&content, 70_001)]);

    let error = cache.fetch(&server, &files).unwrap_err();
    assert!(matches!(error, FetchError::Cut { received: 70_001, total: 200_000, .. }), "{error}");
    cache.assert_holds_only("a.gz.part", &content[..70_001]);

    let told = cache.fetch(&server, &files).unwrap();
    assert_eq!(told, ["a.gz from 70001", "a.gz done"]);
    cache.assert_holds_only("a.gz", &content);
    assert_eq!(server.asked()[1].1.as_deref(), Some("bytes=70001-"));
}

#[test]
fn an_end_too_early_shows_without_an_announced_length() {
    let content = content();
    let cache = Cache::new();
    let half = content[..100_000].to_vec();
    let unannounced: Answer = Box::new(move |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
        stream.write_all(&half).unwrap();
    });
    let server = Server::start(vec![unannounced]);
    let error = cache.fetch(&server, &[remote("a.gz", &content)]).unwrap_err();
    assert!(matches!(error, FetchError::Cut { received: 100_000, .. }), "{error}");
    cache.assert_holds_only("a.gz.part", &content[..100_000]);
}

#[test]
fn a_server_that_ignores_the_range_makes_it_start_over() {
    let content = content();
    let cache = Cache::new();
    cache.put("a.gz.part", b"of another download");
    let server = Server::start(vec![whole(&content)]);
    let told = cache.fetch(&server, &[remote("a.gz", &content)]).unwrap();
    assert_eq!(told, ["a.gz from 0", "a.gz done"]);
    cache.assert_holds_only("a.gz", &content);
    assert_eq!(server.asked()[0].1.as_deref(), Some("bytes=19-"));
}

#[test]
fn a_range_that_is_refused_or_another_one_makes_it_start_over() {
    let content = content();
    let fitting = format!("Content-Range: bytes 19-{}/{}\r\n", content.len() - 1, content.len());
    for answer in [
        reply("416 Range Not Satisfiable", "", 0, b""),
        reply("503 Service Unavailable", &fitting, 4, b"busy"),
        rest(&content, 20),
    ] {
        let cache = Cache::new();
        cache.put("a.gz.part", &content[..19]);
        let server = Server::start(vec![answer, whole(&content)]);
        cache.fetch(&server, &[remote("a.gz", &content)]).unwrap();
        cache.assert_holds_only("a.gz", &content);
        let ranges: Vec<_> = server.asked().into_iter().map(|(_, range)| range).collect();
        assert_eq!(ranges, [Some("bytes=19-".into()), None]);
    }
}

#[test]
fn parts_that_are_complete_or_too_long_are_dealt_with() {
    let content = content();
    let files = [remote("a.gz", &content)];
    let cache = Cache::new();
    cache.put("a.gz.part", &content);
    let told = cache.fetch(&Server::start(vec![]), &files).unwrap();
    assert_eq!(told, ["a.gz done"]);
    cache.assert_holds_only("a.gz", &content);

    let cache = Cache::new();
    cache.put("a.gz.part", &[&content[..], b"x"].concat());
    let server = Server::start(vec![whole(&content)]);
    cache.fetch(&server, &files).unwrap();
    cache.assert_holds_only("a.gz", &content);
    assert_eq!(server.asked()[0].1, None);
}

#[test]
fn wrong_bytes_are_deleted_and_told() {
    let content = content();
    let mut wrong = content.clone();
    wrong[100_000] ^= 1;
    let file = remote("a.gz", &content);
    let cache = Cache::new();
    let server = Server::start(vec![whole(&wrong)]);
    let error = cache.fetch(&server, std::slice::from_ref(&file)).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, FetchError::Checksum { .. }), "{text}");
    assert!(text.contains(&file.sha256), "{text}");
    assert!(text.contains(&hex(&Sha256::digest(&wrong))), "{text}");
    assert!(cache.names().is_empty());
}

#[test]
fn a_file_of_another_length_is_refused() {
    let content = content();
    let files = [remote("a.gz", &content)];
    let cache = Cache::new();
    let server = Server::start(vec![whole(b"<html>log in first</html>")]);
    assert!(matches!(
        cache.fetch(&server, &files),
        Err(FetchError::Length { expected: 200_000, found: 25, .. })
    ));
    assert!(cache.names().is_empty());

    // Without an announced length it shows only as the bytes come.
    let endless: Answer = Box::new(|stream| {
        let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        stream.write_all(head).unwrap();
        // The client hangs up at some point, which ends this.
        while stream.write_all(&[7; 10_000]).is_ok() {}
    });
    let server = Server::start(vec![endless]);
    assert!(matches!(
        cache.fetch(&server, &files),
        Err(FetchError::Length { expected: 200_000, found, .. }) if found < 300_000
    ));
    assert!(cache.names().is_empty());
}

#[test]
fn a_status_is_told_and_what_is_there_is_kept() {
    let content = content();
    let files = [remote("a.gz", &content)];
    let cache = Cache::new();
    let missing = || reply("404 Not Found", "", 4, b"gone");
    let server = Server::start(vec![missing(), missing(), missing()]);
    for kept in [None, Some(&content[..50])] {
        if let Some(kept) = kept {
            cache.put("a.gz.part", kept);
        }
        let error = cache.fetch(&server, &files).unwrap_err();
        assert!(matches!(error, FetchError::Status { status: 404, .. }), "{error}");
        assert!(error.to_string().contains("/a.gz"), "{error}");
        assert_eq!(cache.names().len(), usize::from(kept.is_some()));
    }
    cache.assert_holds_only("a.gz.part", &content[..50]);
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_continued_later() {
    let content = content();
    let files = [remote("a.gz", &content)];
    let cache = Cache::new();
    let silent: Answer = Box::new(|_| {});
    let half = reply("200 OK", "", content.len(), &content[..100_000]);
    let server = Server::start(vec![then_hang(silent), then_hang(half), rest(&content, 100_000)]);
    for expected in [0, 100_000] {
        let error = cache.fetch(&server, &files).unwrap_err();
        assert!(
            matches!(error, FetchError::Stalled { received, .. } if received == expected),
            "{error}"
        );
        assert!(error.to_string().contains("for 1 s"), "{error}");
    }
    cache.fetch(&server, &files).unwrap();
    cache.assert_holds_only("a.gz", &content);
}

#[test]
fn an_address_without_a_server_is_told() {
    let content = content();
    let cache = Cache::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = Server {
        url: format!("http://{}", listener.local_addr().unwrap()),
        requests: mpsc::channel().1,
    };
    drop(listener);
    let error = cache.fetch(&closed, &[remote("a.gz", &content)]).unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error}");
    assert!(error.to_string().contains("take a mirror"), "{error}");

    for url in ["https://example.org/", "ftp://example.org/", "example.org"] {
        let refused = fetch_fashion_mnist(url, cache.0.path(), Timeouts::default(), &mut |_| {});
        assert!(matches!(refused, Err(FetchError::Scheme { .. })));
    }
}

#[test]
fn two_downloads_do_not_write_one_part() {
    let content = content();
    let cache = Cache::new();
    cache.put("a.gz.part", b"begun");
    let other = File::open(cache.path("a.gz.part")).unwrap();
    other.lock().unwrap();
    let error = cache.fetch(&Server::start(vec![]), &[remote("a.gz", &content)]).unwrap_err();
    assert!(matches!(error, FetchError::Busy { .. }), "{error}");
    cache.assert_holds_only("a.gz.part", b"begun");
}
