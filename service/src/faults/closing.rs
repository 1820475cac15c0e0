//! Closing a connection after an answer without having announced it, as servers do after an unhandled error.
//!
//! `Connection: close` would be the announcement. So a connection that is condemned looks, once its answer
//! went out, as if the client had closed it, and the server closes its side.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The peers whose connections end with their next answer.
#[derive(Debug, Default)]
pub struct Condemned {
    peers: Mutex<HashSet<SocketAddr>>,
    announces: AtomicBool,
}

/// The status line of 204, as it is written.
const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n";
/// What a server puts after it that gives every answer a length. Libraries leave it out, whatever they are told.
const LENGTH: &[u8] = b"content-length: 2\r\n";

impl Condemned {
    /// Condemns the connection of a peer, if there is one.
    pub fn extend(&self, peer: Option<SocketAddr>) {
        self.peers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(peer);
    }

    /// From now on every 204 says how long its content is.
    pub fn announce_lengths(&self) {
        self.announces.store(true, Ordering::Relaxed);
    }

    /// The bytes to write in place of these, when a length is announced in them.
    fn announced(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let rest = bytes.strip_prefix(NO_CONTENT)?;
        let announces = self.announces.load(Ordering::Relaxed);
        announces.then(|| [NO_CONTENT, LENGTH, rest].concat())
    }

    fn take(&self, peer: SocketAddr) -> bool {
        self.peers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&peer)
    }
}

/// Accepts connections that can be condemned.
pub struct ClosingAcceptor<A> {
    inner: A,
    condemned: Arc<Condemned>,
}

impl<A> ClosingAcceptor<A> {
    /// Accepts what `inner` accepts.
    pub fn new(inner: A, condemned: Arc<Condemned>) -> Self {
        Self { inner, condemned }
    }
}

impl<A: Acceptor> Acceptor for ClosingAcceptor<A> {
    type Io = ClosingIo<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let (io, local, remote, scheme) = self.inner.accept().await?;
        let io = ClosingIo {
            inner: io,
            peer: remote.as_socket_addr().copied(),
            condemned: self.condemned.clone(),
            over: false,
            pending: Vec::new(),
        };
        Ok((io, local, remote, scheme))
    }
}

/// A connection that can be condemned.
pub struct ClosingIo<T> {
    inner: T,
    peer: Option<SocketAddr>,
    condemned: Arc<Condemned>,
    over: bool,
    /// What stands in the place of the bytes that are being written, as far as it is not written yet.
    pending: Vec<u8>,
}

impl<T: AsyncWrite + Unpin> ClosingIo<T> {
    /// Writes what is pending, to its end.
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            match Pin::new(&mut self.inner).poll_write(context, &self.pending) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => drop(self.pending.drain(..written)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for ClosingIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.over {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for ClosingIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = if self.pending.is_empty() {
            match self.condemned.announced(bytes) {
                None => Pin::new(&mut self.inner).poll_write(context, bytes),
                Some(announced) => {
                    self.pending = announced;
                    self.poll_pending(context).map_ok(|()| bytes.len())
                }
            }
        } else {
            // The same bytes again, since they were not taken the first time.
            self.poll_pending(context).map_ok(|()| bytes.len())
        };
        if let (Poll::Ready(Ok(_)), Some(peer)) = (&written, self.peer)
            && self.condemned.take(peer)
        {
            self.over = true;
            // Whoever waits for the client's next request learns that there is none.
            context.waker().wake_by_ref();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
