//! Which trace a request belongs to, as its client says. What is malformed is as if it were not there, never an error: a
//! proxy in front of the client may have written it.

use poem::http::{HeaderMap, HeaderName};

use crate::telemetry::context::Context;

/// Names the trace and its caller's span.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What the systems before us keep about the trace.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The context that a request comes with. Several `traceparent` are none (§3.2); several `tracestate` are one list (§3.3.1.2).
#[must_use]
pub fn inbound(headers: &HeaderMap) -> Option<Context> {
    let mut sent = headers.get_all(TRACEPARENT).iter();
    let (Some(parent), None) = (sent.next(), sent.next()) else {
        return None;
    };
    let context = Context::parse(parent.to_str().ok()?)?;
    let state: Result<Vec<&str>, _> = headers
        .get_all(TRACESTATE)
        .iter()
        .map(|value| value.to_str())
        .collect();
    Some(match state {
        Ok(state) if !state.is_empty() => context.with_state(&state.join(",")),
        _ => context,
    })
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn of(parents: &[&str], states: &[&[u8]]) -> Option<Context> {
        let mut headers = HeaderMap::new();
        for parent in parents {
            headers.append(TRACEPARENT, HeaderValue::from_str(parent).unwrap());
        }
        for state in states {
            headers.append(TRACESTATE, HeaderValue::from_bytes(state).unwrap());
        }
        inbound(&headers)
    }

    #[test]
    fn one_parent_is_taken_and_two_are_none() {
        assert!(of(&[PARENT], &[]).is_some());
        assert_eq!(of(&[PARENT, PARENT], &[]), None);
        assert_eq!(of(&[], &[b"a=1"]), None);
    }

    #[test]
    fn states_are_joined_and_strange_ones_dropped_without_their_parent() {
        assert_eq!(of(&[PARENT], &[b"a=1", b"b=2"]).unwrap().state(), Some("a=1,b=2"));
        assert_eq!(of(&[PARENT], &[b"a=1", b"a=2"]).unwrap().state(), None);
        assert_eq!(of(&[PARENT], &[b"a=\xff"]).unwrap().state(), None);
    }
}
