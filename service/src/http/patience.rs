//! Connections that nobody uses end, also those that stopped in the middle of a request.
//!
//! poem's own idle timeout lets a connection finish what it began, and a client that sends half a request
//! line and then nothing would be waited for without end. So a connection on which nothing moved for long
//! enough, in either direction, is an error to whoever reads from it next.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::http::arrivals::{Guest, Present};

/// Accepts connections that are waited for only so long.
pub struct PatientAcceptor<A> {
    inner: A,
    patience: Duration,
    present: Present,
}

impl<A> PatientAcceptor<A> {
    /// Waits on each connection of `inner` for so long, and counts it among those present. It must be longer than any work
    /// may take.
    pub fn new(inner: A, patience: Duration, present: Present) -> Self {
        Self {
            inner,
            patience,
            present,
        }
    }
}

impl<A: Acceptor> Acceptor for PatientAcceptor<A> {
    type Io = PatientIo<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let (inner, local, remote, scheme) = self.inner.accept().await?;
        let io = PatientIo {
            inner,
            patience: self.patience,
            alarm: Box::pin(sleep(self.patience)),
            guest: self.present.enter(),
        };
        Ok((io, local, remote, scheme))
    }
}

/// A connection that is waited for only so long.
pub struct PatientIo<T> {
    inner: T,
    patience: Duration,
    alarm: Pin<Box<Sleep>>,
    guest: Guest,
}

impl<T> PatientIo<T> {
    /// Something moved.
    fn moved(&mut self) {
        let until = Instant::now() + self.patience;
        self.alarm.as_mut().reset(until);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for PatientIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_read(context, buffer) {
            Poll::Ready(read) => {
                self.moved();
                self.guest.spoke();
                Poll::Ready(read)
            }
            Poll::Pending => self
                .alarm
                .as_mut()
                .poll(context)
                .map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for PatientIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write(context, bytes) {
            Poll::Ready(written) => {
                self.moved();
                Poll::Ready(written)
            }
            // A client that stopped reading: the alarm is about this direction too.
            Poll::Pending => self
                .alarm
                .as_mut()
                .poll(context)
                .map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
