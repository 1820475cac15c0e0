//! Reading a body under bounds: bytes kept, bytes read, bytes after decoding, time.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::model::capture::{Captured, End};
use crate::model::exchange::WireFault;
use crate::transport::decode::Decoder;
use crate::transport::failure;

/// How much of a body is kept and read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes kept, after decoding.
    pub keep: usize,
    /// Bytes read from the wire, and bytes that decoding may yield.
    pub read: u64,
    /// Bytes kept of JSON that would burst as a tree ([`crate::model::weight`]); `None` for what is no JSON.
    pub burst: Option<usize>,
}

/// A body that keeps more than so many bytes is large, and takes turns.
const LARGE: usize = 256 * 1024;

/// Reads a body to its end, to a bound or to the deadline, whichever is first. Trailers are not kept.
///
/// A large one takes one of `turns`, and returns it with itself: until it is redacted it costs several times its size.
pub async fn capture<'t>(
    mut body: Incoming,
    codings: &[String],
    limits: Limits,
    deadline: Instant,
    turns: &'t Semaphore,
) -> (Captured, Option<SemaphorePermit<'t>>) {
    let mut decoder = Decoder::new(codings, limits);
    let mut wire_length = 0_u64;
    let mut turn = None;
    let end = loop {
        // A peer that is always ready with nothing would keep the timer from being looked at.
        if Instant::now() >= deadline {
            break End::Deadline;
        }
        match timeout_at(deadline, body.frame()).await {
            Err(_) => break End::Deadline,
            Ok(None) => break End::Complete,
            Ok(Some(Err(error))) => break broken(&error),
            Ok(Some(Ok(frame))) => {
                let Some(data) = frame.data_ref() else { continue };
                wire_length += data.len() as u64;
                if !decoder.feed(data) || wire_length > limits.read {
                    break End::Cut;
                }
                if turn.is_none() && decoder.kept() > LARGE {
                    match timeout_at(deadline, turns.acquire()).await {
                        Ok(taken) => turn = taken.ok(),
                        Err(_) => break End::Deadline,
                    }
                }
            }
        }
    };
    (decoder.finish(end, wire_length), turn)
}

/// How a body ended that did not end as its framing promised.
fn broken(error: &hyper::Error) -> End {
    match failure::broke(error) {
        Some(WireFault::Reset) => End::Reset,
        _ => End::Short,
    }
}
