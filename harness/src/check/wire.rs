//! What went wrong on the wire, in words for people.

use crate::model::exchange::{Exchange, Phase, WireError, WireFault};

/// What happened, for somebody who was just paged.
pub fn plain(error: &WireError) -> &'static str {
    match (error.fault, error.phase) {
        (WireFault::NoAddress, _) => "the name does not resolve to an address",
        (WireFault::Refused, _) => "the connection is refused; nothing listens there",
        (WireFault::Unreachable, _) => "there is no route to the address",
        (WireFault::TimedOut, Phase::Resolve) => "the name was not resolved in time",
        (WireFault::TimedOut, Phase::Connect) => {
            "the connection is not accepted in time; a firewall may drop it"
        }
        (WireFault::TimedOut, Phase::Tls) => "the TLS handshake does not finish in time",
        (WireFault::TimedOut, _) => "it accepts the connection and does not answer in time",
        (WireFault::Tls, _) => "TLS fails",
        (WireFault::ClosedWithoutAnswer, _) => "it accepts the connection and closes it without an answer",
        (WireFault::Reset, _) => "it resets the connection",
        (WireFault::ReusedClosed, _) => "it closed the connection between two requests",
        (WireFault::NotHttp, _) => "what answers does not speak HTTP",
        (WireFault::HeadTooLarge, _) => "the head of its answer is larger than any client reads",
        (WireFault::Stopped, _) => "the run was stopped first",
        (WireFault::Ours, _) => "the checker could not try",
    }
}

/// Whether an attempt ended on this side: no means, no network, a proxy that would not, a resolver that could not be asked.
/// Then nothing is known of the service. "No route to host" is not among them, since a router on the way may have said so.
pub fn is_own(error: &WireError) -> bool {
    let says = |words: &[&str]| {
        let detail = error.detail.to_ascii_lowercase();
        words.iter().any(|word| detail.contains(word))
    };
    match error.fault {
        WireFault::Ours => true,
        WireFault::Unreachable => says(&["network is unreachable", "network is down"]),
        WireFault::NoAddress => says(&["temporary failure in name resolution"]),
        _ => false,
    }
}

/// Whether somebody took the request and said nothing until its deadline.
pub fn is_silent(exchange: &Exchange) -> bool {
    exchange
        .failure()
        .is_some_and(|error| error.fault == WireFault::TimedOut && error.phase >= Phase::Wait)
}
