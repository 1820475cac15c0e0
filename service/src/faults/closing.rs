//! Closing a connection after an answer without having announced it, as servers do after an unhandled error.
//!
//! `Connection: close` would be the announcement. So a connection that is condemned looks, once its answer
//! went out, as if the client had closed it, and the server closes its side.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The peers whose connections end with their next answer.
#[derive(Debug, Default)]
pub struct Condemned(Mutex<HashSet<SocketAddr>>);

impl Condemned {
    /// Condemns the connection of a peer, if there is one.
    pub fn extend(&self, peer: Option<SocketAddr>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(peer);
    }

    fn take(&self, peer: SocketAddr) -> bool {
        self.0
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
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        if let (Poll::Ready(Ok(_)), Some(peer)) = (&written, self.peer) {
            self.over |= self.condemned.take(peer);
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
