//! Connections that nobody uses end, also those that stopped in the middle of a request.
//!
//! poem's own idle timeout lets a connection finish what it began, and a client that sends half a request
//! line and then nothing would be waited for without end. It also wakes a task of its own with every read and write, which
//! costs a light request more than all of our layers. So a connection on which nothing moved for long
//! enough, in either direction, is an error to whoever reads from it next: sooner between two requests than within one.

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

/// For how long nothing may move on a connection.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Before its first request, and between two.
    pub idle: Duration,
    /// Within one. It must be longer than any work may take.
    pub busy: Duration,
}

/// Accepts connections that are waited for only so long.
pub struct PatientAcceptor<A> {
    inner: A,
    patience: Patience,
    present: Present,
}

impl<A> PatientAcceptor<A> {
    /// Waits on each connection of `inner` for so long, and counts it among those present.
    pub fn new(inner: A, patience: Patience, present: Present) -> Self {
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
            stage: Stage::Idle,
            moved: Instant::now(),
            alarm: Box::pin(sleep(self.patience.idle)),
            guest: self.present.enter(),
        };
        Ok((io, local, remote, scheme))
    }
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A request: nothing was read yet, or what was read is answered.
    Idle,
    /// The rest of a request, or its answer.
    Busy,
    /// Many requests at once (RFC 9113 §3.4), so that an answer to one says nothing of the others.
    Many,
}

impl Stage {
    /// After these bytes were read.
    fn heard(self, guest: &Guest, bytes: &[u8]) -> Self {
        match self {
            Self::Many => Self::Many,
            _ if guest.is_silent() && bytes.starts_with(b"PRI ") => Self::Many,
            _ => Self::Busy,
        }
    }

    /// After these bytes were said.
    fn said(self, bytes: &[u8]) -> Self {
        match self {
            Self::Many => Self::Many,
            // An interim answer (RFC 9110 §15.2) asks for the rest of the request.
            _ if bytes.starts_with(b"HTTP/1.1 1") => Self::Busy,
            _ => Self::Idle,
        }
    }
}

/// A connection that is waited for only so long.
pub struct PatientIo<T> {
    inner: T,
    patience: Patience,
    stage: Stage,
    /// When something moved last.
    moved: Instant,
    /// Not later than when there is no more patience. What moves leaves it alone, since a timer costs more than a look at the
    /// clock.
    alarm: Pin<Box<Sleep>>,
    guest: Guest,
}

impl<T> PatientIo<T> {
    fn now(&mut self, stage: Stage) {
        self.stage = stage;
        self.moved = Instant::now();
    }

    /// Ready when there is no more patience.
    fn over(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let patience = match self.stage {
            Stage::Idle => self.patience.idle,
            Stage::Busy | Stage::Many => self.patience.busy,
        };
        let until = self.moved + patience;
        if until < self.alarm.deadline() {
            self.alarm.as_mut().reset(until);
        }
        while self.alarm.as_mut().poll(context).is_ready() {
            if until <= self.alarm.deadline() {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.alarm.as_mut().reset(until);
        }
        Poll::Pending
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for PatientIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(context, buffer) {
            Poll::Ready(read) => {
                let stage = self.stage.heard(&self.guest, &buffer.filled()[before..]);
                self.now(stage);
                self.guest.spoke();
                Poll::Ready(read)
            }
            Poll::Pending => self.over(context).map(Err),
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
                let stage = self.stage.said(bytes);
                self.now(stage);
                Poll::Ready(written)
            }
            // A client that stopped reading: the alarm is about this direction too.
            Poll::Pending => self.over(context).map(Err),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "patience_tests.rs"]
mod tests;
