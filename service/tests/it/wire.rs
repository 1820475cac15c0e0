//! One request out and one answer in, over a socket of its own.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// After which an answer is taken for one that never comes. A bound of the test, and no measurement.
const NEVER: Duration = Duration::from_secs(120);

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The values of a field.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(header, _)| header == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The first final answer among bytes; `None` when there is none at all.
    pub(crate) fn read(mut bytes: &[u8]) -> Result<Option<Self>, String> {
        loop {
            if bytes.is_empty() {
                return Ok(None);
            }
            let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
            let end = end.ok_or_else(|| format!("half an answer: {}", String::from_utf8_lossy(bytes)))?;
            let head = String::from_utf8(bytes[..end].to_vec()).map_err(|error| error.to_string())?;
            bytes = &bytes[end + 4..];
            let mut lines = head.split("\r\n");
            let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1."));
            let status = status.and_then(|rest| rest.get(2..5)?.parse().ok());
            let status = status.ok_or_else(|| format!("no status: {head}"))?;
            if (100..200).contains(&status) {
                continue;
            }
            let headers = lines.filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            });
            return Ok(Some(Self {
                status,
                headers: headers.collect(),
                body: bytes.to_vec(),
            }));
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let body: String = body.chars().take(600).collect();
        write!(f, "{} {:?} {body}", self.status, self.headers)
    }
}

/// Sends bytes and then nothing more, and reads until the service ends the connection.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Result<Option<Reply>, String> {
    let mut socket = TcpStream::connect(address)
        .await
        .map_err(|error| error.to_string())?;
    let (mut from, mut to) = socket.split();
    // Whoever is refused early may not get rid of all of it.
    let sending = async {
        let _ = to.write_all(bytes).await;
        let _ = to.shutdown().await;
    };
    let mut answer = Vec::new();
    let reading = from.read_to_end(&mut answer);
    let both = async { tokio::join!(sending, reading).1 };
    let ended = tokio::time::timeout(NEVER, both).await;
    match ended.map_err(|_| "it is not answered".to_owned())? {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
        Err(error) => return Err(error.to_string()),
    }
    Reply::read(&answer)
}

/// Sends all of it before it reads anything, as a browser does.
pub(crate) async fn send_then_read(address: SocketAddr, bytes: &[u8]) -> Result<Reply, String> {
    let told = |error: io::Error| format!("cut off: {error}");
    let mut socket = TcpStream::connect(address).await.map_err(told)?;
    socket.write_all(bytes).await.map_err(told)?;
    let mut answer = Vec::new();
    let reading = socket.read_to_end(&mut answer);
    let ended = tokio::time::timeout(NEVER, reading).await;
    ended
        .map_err(|_| "it is not answered".to_owned())?
        .map_err(told)?;
    Reply::read(&answer)?.ok_or_else(|| "there is no answer".to_owned())
}
