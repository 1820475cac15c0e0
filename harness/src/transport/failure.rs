//! Errors of the libraries below, in our words. Pure.

use std::error::Error;
use std::io::ErrorKind;

use crate::model::exchange::{Phase, WireError, WireFault};

/// The run was interrupted.
pub(crate) fn stopped(phase: Phase) -> WireError {
    WireError {
        phase,
        fault: WireFault::Stopped,
        detail: "the run was interrupted".into(),
    }
}

/// A connection that was to carry a request was closed before it.
pub(crate) fn closed_while_idle() -> WireError {
    WireError {
        phase: Phase::Send,
        fault: WireFault::ReusedClosed,
        detail: "the server closed this connection while it was idle".into(),
    }
}

/// What hyper saw. `reused` says whether the connection carried an exchange before.
pub(crate) fn of_http(error: &hyper::Error, reused: bool) -> WireError {
    let closed = error.is_canceled() || error.is_closed() || error.is_incomplete_message();
    let (phase, fault) = if error.is_parse_too_large() {
        (Phase::Head, WireFault::HeadTooLarge)
    } else if error.is_parse() {
        (Phase::Head, WireFault::NotHttp)
    } else if error.is_user() {
        (Phase::Send, WireFault::Ours)
    } else {
        match (broke(error), closed) {
            (Some(_), _) | (None, true) if reused => (Phase::Send, WireFault::ReusedClosed),
            (Some(fault), _) => (Phase::Wait, fault),
            (None, true) => (Phase::Wait, WireFault::ClosedWithoutAnswer),
            (None, false) => (Phase::Head, WireFault::NotHttp),
        }
    };
    WireError {
        phase,
        fault,
        detail: describe(error),
    }
}

/// How the connection or the stream broke, when that is what happened.
pub(crate) fn broke(error: &(dyn Error + 'static)) -> Option<WireFault> {
    chain(error).find_map(|cause| {
        if let Some(h2) = cause.downcast_ref::<h2::Error>() {
            return of_stream(h2);
        }
        of_io(cause.downcast_ref::<std::io::Error>()?.kind())
    })
}

/// RST_STREAM and GOAWAY of the peer (RFC 9113 §6.4, §6.8). An error that we raised against it is a matter of protocol.
fn of_stream(error: &h2::Error) -> Option<WireFault> {
    if let Some(io) = error.get_io() {
        return of_io(io.kind());
    }
    match (error.is_remote(), error.is_go_away()) {
        (true, true) => Some(WireFault::ClosedWithoutAnswer),
        (true, false) => Some(WireFault::Reset),
        (false, _) => None,
    }
}

fn of_io(kind: ErrorKind) -> Option<WireFault> {
    match kind {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            Some(WireFault::Reset)
        }
        ErrorKind::UnexpectedEof | ErrorKind::NotConnected => Some(WireFault::ClosedWithoutAnswer),
        ErrorKind::TimedOut => Some(WireFault::TimedOut),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
            Some(WireFault::Unreachable)
        }
        ErrorKind::InvalidData => Some(WireFault::Tls),
        _ => None,
    }
}

/// What dialling saw.
pub(crate) fn of_connect(error: &std::io::Error) -> WireFault {
    match error.kind() {
        ErrorKind::ConnectionRefused => WireFault::Refused,
        kind => of_io(kind).unwrap_or(WireFault::Ours),
    }
}

/// What the TLS handshake saw: the connection breaking inside it is no verdict on the certificate.
pub(crate) fn of_handshake(error: &std::io::Error) -> WireError {
    WireError {
        phase: Phase::Tls,
        fault: of_io(error.kind()).unwrap_or(WireFault::Tls),
        detail: error.to_string(),
    }
}

/// The deadline of the attempt passed, or the run's own when that was the nearer one.
pub(crate) fn timed_out(phase: Phase, of_run: bool) -> WireError {
    let (fault, detail) = if of_run {
        (WireFault::Stopped, "the run's own deadline came first")
    } else {
        (WireFault::TimedOut, "no answer within the deadline")
    };
    WireError {
        phase,
        fault,
        detail: detail.to_owned(),
    }
}

/// Something that we could not do.
pub(crate) fn ours(phase: Phase, detail: impl Into<String>) -> WireError {
    WireError {
        phase,
        fault: WireFault::Ours,
        detail: detail.into(),
    }
}

/// The error and its sources in one line. Bounded by its reader, after secrets were removed.
pub(crate) fn describe(error: &(dyn Error + 'static)) -> String {
    let parts: Vec<String> = chain(error).map(ToString::to_string).collect();
    parts.join(": ")
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}
