//! What went wrong on the wire, in words for people.

use crate::model::exchange::{Phase, WireError, WireFault};

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
