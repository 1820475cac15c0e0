//! Accepting connections, and ceasing to without dropping one.
//!
//! A listener that is closed resets whoever the kernel has already connected and we have not yet taken, although their
//! client believes to be connected. So the door is closed in three steps: the kernel begins no further connection (a filter
//! on the listener drops each first packet, so that its client tries again, and is then refused or finds another instance);
//! whoever was on the threshold is let in; and only then is the listener closed. Elsewhere than on Linux the first step is
//! missing, and a connection that falls between the last two may be reset.

use std::io;
use std::time::Duration;

use poem::Addr;
use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::http::stopping::Stopping;

/// How long a handshake that had begun may take to end. A round trip to anywhere.
const HANDSHAKE: Duration = Duration::from_millis(300);

/// How long to wait when the operating system has no descriptor to spare.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// How many connections there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    /// All of them.
    open: usize,
    /// Those from which nothing was read yet.
    silent: usize,
}

/// The connections that there are. Clones share them.
#[derive(Debug, Clone)]
pub struct Present(watch::Sender<Count>);

impl Default for Present {
    fn default() -> Self {
        Self(watch::Sender::new(Count::default()))
    }
}

impl Present {
    /// One more, until what is given here is dropped.
    #[must_use]
    pub fn enter(&self) -> Guest {
        self.0.send_modify(|count| {
            count.open += 1;
            count.silent += 1;
        });
        Guest {
            present: self.clone(),
            silent: true,
        }
    }

    /// Waits until there is none.
    async fn none(&self) {
        let _ = self.0.subscribe().wait_for(|count| count.open == 0).await;
    }

    /// Waits until something was read from each, for at most so long.
    pub async fn heard(&self, longest: Duration) {
        let mut count = self.0.subscribe();
        let _ = timeout(longest, count.wait_for(|count| count.silent == 0)).await;
    }
}

/// One connection among those that there are.
#[derive(Debug)]
pub struct Guest {
    present: Present,
    silent: bool,
}

impl Guest {
    /// Whether nothing was read from it yet.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silent
    }

    /// Something was read from it.
    pub fn spoke(&mut self) {
        if std::mem::take(&mut self.silent) {
            self.present.0.send_modify(|count| count.silent -= 1);
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.spoke();
        self.present.0.send_modify(|count| count.open -= 1);
    }
}

/// Accepts TCP connections until it is told to stop, then those that were on the threshold, and then none.
pub struct Arrivals {
    door: Door,
    local: LocalAddr,
    stopping: Stopping,
    present: Present,
    linger: Duration,
    over: watch::Sender<bool>,
}

enum Door {
    Open(TcpListener),
    /// No new connection begins; this is when the listener closes at the latest.
    Closing(TcpListener, Instant),
    /// The listener as the operating system has it: its answer that nobody waits is the truth of now, and tokio's is not.
    Last(std::net::TcpListener),
    Closed,
}

impl Arrivals {
    /// Accepts from this listener. Once told to stop, it waits for at most `linger` until everybody has gone.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn new(
        listener: TcpListener,
        stopping: Stopping,
        present: Present,
        linger: Duration,
    ) -> io::Result<Self> {
        Ok(Self {
            local: LocalAddr(Addr::SocketAddr(listener.local_addr()?)),
            door: Door::Open(listener),
            stopping,
            present,
            linger,
            over: watch::Sender::new(false),
        })
    }

    /// Becomes true when nobody will be accepted any more.
    #[must_use]
    pub fn over(&self) -> watch::Receiver<bool> {
        self.over.subscribe()
    }

    /// The next one who comes while nobody told us to stop; none when somebody did.
    async fn ordinary(listener: &TcpListener, stopping: &Stopping) -> Option<(TcpStream, RemoteAddr)> {
        tokio::select! {
            accepted = accepted(listener) => Some(accepted),
            () = stopping.wait() => None,
        }
    }

    /// The next one who was on the threshold; none when everybody has gone, or has had the time for it.
    async fn late(&self, listener: &TcpListener, until: Instant) -> Option<(TcpStream, RemoteAddr)> {
        let told = until.checked_sub(self.linger).unwrap_or(until);
        let gone = async {
            sleep_until((told + HANDSHAKE).min(until)).await;
            self.present.none().await;
        };
        tokio::select! {
            accepted = accepted(listener) => Some(accepted),
            () = gone => None,
            () = sleep_until(until) => None,
        }
    }
}

impl Acceptor for Arrivals {
    type Io = TcpStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![self.local.clone()]
    }

    async fn accept(&mut self) -> io::Result<(TcpStream, LocalAddr, RemoteAddr, Scheme)> {
        loop {
            let (arrived, next) = match &self.door {
                Door::Open(listener) => match Self::ordinary(listener, &self.stopping).await {
                    None => (None, true),
                    some => (some, false),
                },
                Door::Closing(listener, until) => match self.late(listener, *until).await {
                    None => (None, true),
                    some => (some, false),
                },
                Door::Last(listener) => match last(listener) {
                    None => (None, true),
                    some => (some, false),
                },
                Door::Closed => std::future::pending().await,
            };
            if next {
                self.close_further()?;
            }
            if let Some((stream, peer)) = arrived {
                return Ok((stream, self.local.clone(), peer, Scheme::HTTP));
            }
        }
    }
}

impl Arrivals {
    /// The next step on the way to being closed.
    fn close_further(&mut self) -> io::Result<()> {
        self.door = match std::mem::replace(&mut self.door, Door::Closed) {
            Door::Open(listener) => {
                begin_none(&listener);
                Door::Closing(listener, Instant::now() + self.linger)
            }
            Door::Closing(listener, _) => match listener.into_std() {
                Ok(listener) => Door::Last(listener),
                Err(error) => {
                    self.over.send_replace(true);
                    return Err(error);
                }
            },
            Door::Last(_) | Door::Closed => {
                self.over.send_replace(true);
                Door::Closed
            }
        };
        Ok(())
    }
}

/// The next connection, however often accepting fails before: a peer that has gone already, or no descriptor to spare.
async fn accepted(listener: &TcpListener) -> (TcpStream, RemoteAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, RemoteAddr(Addr::SocketAddr(peer))),
            Err(error) if gone_already(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
}

/// Somebody who waits at this moment.
fn last(listener: &std::net::TcpListener) -> Option<(TcpStream, RemoteAddr)> {
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                let stream = stream
                    .set_nonblocking(true)
                    .and_then(|()| TcpStream::from_std(stream));
                if let Ok(stream) = stream {
                    return Some((stream, RemoteAddr(Addr::SocketAddr(peer))));
                }
            }
            Err(error) if gone_already(&error) || error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn gone_already(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

/// Lets the kernel drop the first packet of every further connection.
#[cfg(target_os = "linux")]
fn begin_none(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    // Classic BPF over the TCP header: the flags are its 14th byte; SYN is 2 and ACK is 16 of them.
    let filter = [
        SockFilter::new(0x30, 0, 0, 13),       // load that byte
        SockFilter::new(0x54, 0, 0, 0x12),     // keep SYN and ACK of it
        SockFilter::new(0x15, 0, 1, 0x02),     // SYN alone?
        SockFilter::new(0x06, 0, 0, 0),        // then drop
        SockFilter::new(0x06, 0, 0, u32::MAX), // else keep
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&filter) {
        tracing::debug!(%error, "new connections cannot be held back while the listener closes");
    }
}

#[cfg(not(target_os = "linux"))]
fn begin_none(_: &TcpListener) {}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn who_was_on_the_threshold_is_let_in_and_nobody_after() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stopping, present) = (Stopping::default(), Present::default());
        let mut arrivals = Arrivals::new(listener, stopping.clone(), present, Duration::ZERO).unwrap();
        let mut over = arrivals.over();
        let mut waiting = Vec::new();
        for _ in 0..20 {
            waiting.push(TcpStream::connect(address).await.unwrap());
        }
        stopping.tell();
        for _ in &waiting {
            let (mut stream, ..) = arrivals.accept().await.unwrap();
            stream.write_all(b"hello").await.unwrap();
        }
        tokio::select! {
            _ = arrivals.accept() => panic!("somebody else was let in"),
            told = over.wait_for(|over| *over) => assert!(*told.unwrap()),
        }
        for mut client in waiting {
            let mut said = String::new();
            client.read_to_string(&mut said).await.unwrap();
            assert_eq!(said, "hello");
        }
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn who_is_there_is_counted_until_gone_and_silent_until_heard() {
        let present = Present::default();
        let mut first = present.enter();
        let second = present.enter();
        first.spoke();
        first.spoke();
        assert_eq!(*present.0.borrow(), Count { open: 2, silent: 1 });
        drop(second);
        present.heard(Duration::from_secs(60)).await;
        drop(first);
        present.none().await;
        assert_eq!(*present.0.borrow(), Count::default());
    }
}
