//! A socket that goes on reading after it could no longer write.
//!
//! A server may answer 413 in the middle of an upload and close. What it sent is then in our receive buffer, and every
//! further write fails. A client that reports the failed write throws the answer away; this stream swallows what cannot be
//! written and lets the answer be read. When there is none, the end of the stream is reported as what the write saw.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose failed writes do not hide what can still be read, and which takes a breath after each read: a server that
/// sends without end, interim answers for instance (RFC 9110 §15.2), keeps whoever reads busy, and deadlines would never be
/// looked at.
#[derive(Debug)]
pub(crate) struct Calm<S> {
    inner: S,
    broken: Option<io::ErrorKind>,
    has_read: bool,
}

impl<S> Calm<S> {
    /// Wraps a stream.
    pub(crate) fn new(inner: S) -> Calm<S> {
        Calm {
            inner,
            broken: None,
            has_read: false,
        }
    }

    /// Remembers the failure of a write, and gives what the writer is told instead.
    fn swallow<T>(&mut self, written: Poll<io::Result<T>>, instead: T) -> Poll<io::Result<T>> {
        match written {
            Poll::Ready(Err(error)) => {
                self.broken.get_or_insert(error.kind());
                Poll::Ready(Ok(instead))
            }
            other => other,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Calm<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.has_read) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let room = buffer.remaining() > 0;
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.has_read = true;
        match self.broken {
            Some(kind) if room && buffer.filled().len() == before => Poll::Ready(Err(kind.into())),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Calm<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if self.broken.is_some() {
            return Poll::Ready(Ok(data.len()));
        }
        let written = Pin::new(&mut self.inner).poll_write(cx, data);
        self.swallow(written, data.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = slices.iter().map(|slice| slice.len()).sum();
        if self.broken.is_some() {
            return Poll::Ready(Ok(all));
        }
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.swallow(written, all)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.broken.is_some() {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.swallow(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.broken.is_some() {
            return Poll::Ready(Ok(()));
        }
        let shut = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.swallow(shut, ())
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn each_read_is_followed_by_a_breath_though_more_is_there() {
        let mut calm = Calm::new(tokio::io::repeat(7));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..3 {
            let mut space = [0; 16];
            let mut buffer = ReadBuf::new(&mut space);
            assert!(Pin::new(&mut calm).poll_read(&mut cx, &mut buffer).is_ready());
            assert_eq!(buffer.filled().len(), 16);
            let mut buffer = ReadBuf::new(&mut space);
            assert!(Pin::new(&mut calm).poll_read(&mut cx, &mut buffer).is_pending());
            assert!(buffer.filled().is_empty());
        }
    }
}
