//! Healthy edges: proxies, balancers and TLS as they should be, and not as everybody expects them.

use crate::lab::edge::tls::Shown;
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Behind, Edge, Front};
use crate::lab::lookalike::SLOW_WAKE_MS;
use crate::lab::lookalike::{How, LookAlike};

const fn edge(id: &'static str, edge: Edge, sentence: &'static str) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: How::Edge(edge),
    }
}

/// Healthy edges.
pub const EDGES: &[LookAlike] = &[
    edge(
        "edge",
        Edge::that(Twist::None),
        "A proxy that hands everything on.",
    ),
    edge(
        "edge-tls",
        Edge::that(Twist::None).over(Front::Tls(Shown::Good)),
        "TLS at the edge, and without it a redirect to TLS.",
    ),
    edge(
        "edge-http-2",
        Edge::that(Twist::None).over(Front::Http2(Shown::Good)),
        "HTTP/2 over TLS.",
    ),
    edge(
        "edge-certificate-20-days",
        Edge::that(Twist::None).over(Front::Tls(Shown::DaysLeft(20))),
        "A certificate of ninety days that is renewed soon.",
    ),
    edge(
        "edge-http-1-0",
        Edge::that(Twist::Http10),
        "A proxy that answers in HTTP/1.0 and closes.",
    ),
    edge(
        "edge-gzip",
        Edge::that(Twist::Gzip),
        "A proxy that compresses for those who ask, and says so.",
    ),
    edge(
        "edge-brotli",
        Edge::that(Twist::Brotli),
        "A proxy that knows Brotli, and says so.",
    ),
    edge(
        "edge-slow-wake",
        Edge::that(Twist::SlowFirst(SLOW_WAKE_MS)),
        "A service that sleeps, and wakes later than a request's deadline and within the time that its profile gives it.",
    ),
    edge(
        "edge-two-replicas",
        Edge::that(Twist::None).before(Behind::Two(|_| {})),
        "Two processes of one build behind one address.",
    ),
    edge(
        "edge-via",
        Edge::that(Twist::Via),
        "A cache that keeps nothing, and says so with Via and Age: 0.",
    ),
    edge(
        "edge-chunks-over-length",
        Edge::that(Twist::ChunksOverLength),
        "A proxy that goes by the chunks of a request that also tells a length, hands it on with one length and answers once.",
    ),
    edge(
        "edge-closes-on-two-lengths",
        Edge::that(Twist::ClosesOnTwoLengths),
        "A proxy that closes without a word on a request that tells its length in two ways.",
    ),
    edge(
        "edge-closes-on-old-tls",
        Edge::that(Twist::ClosesOnOldTls).over(Front::Tls(Shown::Good)),
        "TLS 1.2 and newer alone: whoever offers less finds the connection closed, without an alert.",
    ),
    edge(
        "edge-early-hints",
        Edge::that(Twist::EarlyHints),
        "Interim answers (103, 100) before the final one.",
    ),
];
