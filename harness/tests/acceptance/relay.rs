//! Somebody between Greenlight and a service who counts the requests that go by: neither's own count is believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};

/// What ends the first line of each request, and stands nowhere else in one.
const LINE: &[u8] = b" HTTP/1.1\r\n";

/// The relay.
pub(crate) struct Relay {
    base: String,
    count: Arc<AtomicUsize>,
}

impl Relay {
    /// One in front of the service with this base URL, which has no TLS.
    pub(crate) async fn before(url: &str) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (host, count) = (host.to_owned(), Arc::new(AtomicUsize::new(0)));
        let counted = count.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carried(client, host.clone(), counted.clone()));
            }
        });
        Relay {
            base: format!("http://{here}/{path}"),
            count,
        }
    }

    /// The base URL of the service as it is reached here.
    pub(crate) fn url(&self) -> String {
        self.base.clone()
    }

    /// How many requests went by.
    pub(crate) fn requests(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

async fn carried(client: TcpStream, host: String, count: Arc<AtomicUsize>) {
    let Ok(service) = TcpStream::connect(host).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_service, mut to_service) = service.into_split();
    let asked = async {
        let (mut bytes, mut tail) = (vec![0; 16 * 1_024], Vec::new());
        while let Ok(length @ 1..) = from_client.read(&mut bytes).await {
            tail.extend_from_slice(&bytes[..length]);
            let lines = tail.windows(LINE.len()).filter(|window| *window == LINE).count();
            count.fetch_add(lines, Ordering::SeqCst);
            // A line that is not whole yet is counted when it is.
            tail.drain(..tail.len().saturating_sub(LINE.len() - 1));
            if to_service.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
        let _ = to_service.shutdown().await;
    };
    let answered = async {
        let _ = copy(&mut from_service, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    tokio::join!(asked, answered);
}
