use crate::{Address, ClusterError};
use ballista_core::BALLISTA_VERSION;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A scheduler in reach answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer is a few lines; more is another program's.
const ANSWER_MAX_BYTES: u64 = 64 * 1024;

/// What a scheduler says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Executors that the scheduler hears of.
    pub executors: usize,
    /// The address of this machine on the way to the scheduler.
    pub local: IpAddr,
}

/// Asks the scheduler at `address` how it is. This takes five seconds at most.
///
/// # Errors
///
/// Nothing answers, or what answers is another program or another version of Ballista.
pub async fn health(address: &Address) -> Result<Health, ClusterError> {
    let no_scheduler = |source| ClusterError::NoScheduler { address: address.clone(), source };
    let (answer, local) = match timeout(PATIENCE, ask(address)).await {
        Ok(answer) => answer.map_err(no_scheduler)?,
        Err(_) => {
            let waited = format!("nothing came in {} s", PATIENCE.as_secs());
            return Err(no_scheduler(io::Error::new(io::ErrorKind::TimedOut, waited)));
        }
    };
    match read(&answer) {
        Ok(executors) => Ok(Health { executors, local }),
        Err(found) => Err(ClusterError::OtherProgram {
            address: address.clone(),
            expected: BALLISTA_VERSION,
            found,
        }),
    }
}

async fn ask(address: &Address) -> io::Result<(String, IpAddr)> {
    let mut stream = TcpStream::connect(address.authority()).await?;
    let local = stream.local_addr()?.ip();
    let request = format!(
        "GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        address.authority()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX_BYTES).read_to_end(&mut answer).await?;
    Ok((String::from_utf8_lossy(&answer).into_owned(), local))
}

/// The number of executors, or what the answer is instead.
fn read(answer: &str) -> Result<usize, String> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    let server = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("server"))
        .map_or("", |(_, value)| value.trim());
    let Some(version) = server.strip_prefix("ballista/") else {
        return Err(match status.is_empty() {
            true => "it closes the connection".to_owned(),
            false => format!("it answers {status:?} as {server:?}"),
        });
    };
    if version != BALLISTA_VERSION {
        return Err(format!("it is a scheduler of Ballista {version}"));
    }
    // "ready: 2 executors registered", or "not ready: 0/1 executors registered".
    let number: String =
        body.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    number.parse().map_err(|_| format!("it answers {:?}", body.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(server: &str, body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nServer: {server}\r\n\r\n{body}")
    }

    #[test]
    fn executors_are_counted() {
        let server = format!("ballista/{BALLISTA_VERSION}");
        assert_eq!(read(&answer(&server, "ready: 12 executors registered\n")), Ok(12));
        assert_eq!(read(&answer(&server, "not ready: 0/1 executors registered\n")), Ok(0));
    }

    #[test]
    fn other_programs_are_told() {
        let older = read(&answer("ballista/1.0.0", "ready: 1 executors registered"));
        assert_eq!(older.unwrap_err(), "it is a scheduler of Ballista 1.0.0");
        let web = read(&answer("nginx", "hello")).unwrap_err();
        assert!(web.contains("nginx"), "{web}");
        assert_eq!(read("").unwrap_err(), "it closes the connection");
    }
}
