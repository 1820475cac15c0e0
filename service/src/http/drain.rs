//! Letting a client finish sending before it is refused.
//!
//! A client that is cut off while it uploads may never see our answer: its kernel throws the answer away
//! with the connection, and a browser reports a network error where we said 401 or 413. So whatever an
//! inner layer left unread is read and thrown away, within bounds, before the answer goes out.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use poem::http::header::EXPECT;
use poem::{Body, Endpoint, Request, Response, Result};
use tokio::sync::oneshot;
use tokio::time::timeout;

type Chunks = BoxStream<'static, std::io::Result<Bytes>>;

/// Wraps an endpoint so that unread bodies are drained.
pub struct Drain<E> {
    inner: E,
    at_most: usize,
    deadline: Duration,
}

impl<E> Drain<E> {
    /// Drains at most so many bytes that `inner` left unread, and for at most so long.
    pub fn new(inner: E, at_most: usize, deadline: Duration) -> Self {
        Self {
            inner,
            at_most,
            deadline,
        }
    }
}

impl<E: Endpoint> Endpoint for Drain<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let body = request.take_body();
        if body.is_empty() {
            return Ok(self.inner.get_response(request).await);
        }
        let waits_for_leave = request.headers().contains_key(EXPECT);
        let (back, returned) = oneshot::channel();
        request.set_body(Body::from_bytes_stream(Lent {
            chunks: Some(body.into_bytes_stream().boxed()),
            back: Some(back),
            touched: false,
        }));
        let response = self.inner.get_response(request).await;
        if let Ok(Returned { chunks, touched }) = returned.await
            && (touched || !waits_for_leave)
        {
            // Too much or too slow is the client's own choice: then the connection just ends.
            let _ = timeout(self.deadline, discard(chunks, self.at_most)).await;
        }
        Ok(response)
    }
}

async fn discard(mut chunks: Chunks, at_most: usize) {
    let mut seen = 0;
    while let Some(Ok(chunk)) = chunks.next().await {
        seen += chunk.len();
        if seen > at_most {
            break;
        }
    }
}

/// A body that is lent to the inner layers, and comes back when they drop it.
struct Lent {
    chunks: Option<Chunks>,
    back: Option<oneshot::Sender<Returned>>,
    touched: bool,
}

struct Returned {
    chunks: Chunks,
    touched: bool,
}

impl Stream for Lent {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.touched = true;
        match &mut self.chunks {
            Some(chunks) => chunks.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(chunks), Some(back)) = (self.chunks.take(), self.back.take()) {
            let touched = self.touched;
            let _ = back.send(Returned { chunks, touched });
        }
    }
}
