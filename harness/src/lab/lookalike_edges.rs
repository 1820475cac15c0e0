//! Healthy look-alikes at the edge: proxies, caches and platforms that change what passes, and are right to.

use crate::lab::edge::tls::Shown;
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Behind, Edge, Front};
use crate::lab::lookalike::{DEADLINE_MS, How, LookAlike};

/// How long a service that sleeps takes to wake, in milliseconds: longer than a request may take.
const SLOW_WAKE_MS: u64 = DEADLINE_MS + 300;

const fn edge(id: &'static str, edge: Edge, sentence: &'static str) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: How::Edge(edge),
    }
}

/// Healthy edges.
pub(crate) const EDGES: &[LookAlike] = &[
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
        "edge-early-hints",
        Edge::that(Twist::EarlyHints),
        "Interim answers (103, 100) before the final one.",
    ),
];
